import type { TaskItems } from '@/api/types'
import { count, percent, signed, visible } from '@/lib/format'
import { cx } from '@/ui/cx'

/** As many rows as are looked at before a run. */
const SHOWN = 20

type Props = { preview: TaskItems; stale: boolean }

/** How well the model does on the task before anything is cut, and the first of its items. */
export function TaskPreview({ preview, stale }: Props) {
  const { items, accuracy, mean, corrupt_mean, metric, unit } = preview
  const what = metric.replaceAll('_', ' ')
  return (
    <details className={cx('group text-sm', stale && 'opacity-55')}>
      <summary className="cursor-pointer text-xs text-ink-2">
        The model as it is, on {count(items.length, 'item')}: right in {percent(accuracy)}, mean{' '}
        {what} {signed(mean)} {unit}
        {corrupt_mean !== null && `, ${signed(corrupt_mean)} on the corrupt prompts`}. Show the
        first
      </summary>
      <ol
        aria-label="First items of the task"
        // A scrolling list must be reachable by keyboard.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        className="relative mt-1.5 grid max-h-48 gap-1 overflow-y-auto text-xs text-ink-2"
      >
        {items
          .slice(0, SHOWN)
          .map(({ prompt, corrupt, answer, foil, value, right, likeliest }, index) => (
            <li key={index} className="wrap-anywhere">
              <span className={right ? 'text-good' : 'text-warn'}>{right ? '✓' : '✗'}</span>
              <span className="sr-only">{right ? ' right: ' : ' wrong: '}</span> {prompt}{' '}
              <strong className="font-medium text-ink">{visible(answer)}</strong>
              {foil !== null && ` against ${visible(foil)}`}
              <span className="tabular text-ink-3">
                {' '}
                · {signed(value)}
                {!right && `, it says ${visible(likeliest)}`}
                {corrupt !== null && ` · corrupt: ${corrupt}`}
              </span>
            </li>
          ))}
      </ol>
    </details>
  )
}
