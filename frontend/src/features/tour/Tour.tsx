import { useCallback, useState } from 'react'
import { Button } from '@/ui/Button'
import { STEPS } from './steps'

type Props = { onEnd: () => void }

/** Four steps in a corner of the page; the region meant is brought into view and outlined. */
export function Tour({ onEnd }: Props) {
  const [index, setIndex] = useState(0)
  const step = STEPS[index]

  // Outlines the region for as long as the step's card is on the page.
  const point = useCallback(
    (card: HTMLElement | null) => {
      const region = step && document.getElementById(step.region)
      if (!card || !region) return
      region.dataset['toured'] = ''
      if (index > 0) region.scrollIntoView({ block: 'nearest', behavior: 'smooth' })
      return () => {
        delete region.dataset['toured']
      }
    },
    [step, index],
  )

  if (!step) return null
  const isLast = index === STEPS.length - 1
  return (
    // Escape skips from wherever the focus is inside.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <aside
      key={index}
      ref={point}
      aria-label="First steps"
      onKeyDown={(event) => event.key === 'Escape' && onEnd()}
      className="fixed inset-x-3 bottom-3 z-50 rounded-xl border border-line bg-surface p-4 shadow-float sm:left-auto sm:w-96"
    >
      <p className="tabular text-xs text-ink-3">
        Step {index + 1} of {STEPS.length}
      </p>
      <h2 className="mt-0.5 font-semibold">{step.title}</h2>
      <p className="mt-1 text-[0.8125rem] leading-relaxed text-pretty text-ink-2">{step.text}</p>
      <div className="mt-3 flex items-center justify-between gap-2">
        <Button look="quiet" size="small" onClick={onEnd}>
          Skip the tour
        </Button>
        <div className="flex gap-2">
          {index > 0 && (
            <Button size="small" onClick={() => setIndex(index - 1)}>
              Back
            </Button>
          )}
          <Button
            size="small"
            look="primary"
            onClick={() => (isLast ? onEnd() : setIndex(index + 1))}
          >
            {isLast ? 'Done' : 'Next'}
          </Button>
        </div>
      </div>
    </aside>
  )
}
