import type { Example } from '@/api/types'
import { cx } from '@/ui/cx'
import { Menu } from '@/ui/Menu'

type Props = {
  examples: readonly Example[]
  current: Example | undefined
  onChoose: (example: Example) => void
}

/** Prompts that show something on the loaded model. */
export function ExampleMenu({ examples, current, onChoose }: Props) {
  if (examples.length === 0) return null
  return (
    <Menu label="Examples" tall>
      {(close) => (
        <ul aria-label="Example prompts">
          {examples.map((example) => (
            <li key={example.title}>
              <button
                type="button"
                aria-current={example === current || undefined}
                onClick={() => {
                  close()
                  onChoose(example)
                }}
                className={cx(
                  'block w-full max-w-sm rounded-md px-3 py-2 text-left hover:bg-sunken',
                  example === current && 'bg-sunken',
                )}
              >
                <span className="block text-sm font-medium text-ink">{example.title}</span>
                <span className="line-clamp-2 text-xs text-ink-3">{example.prompt}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Menu>
  )
}
