import type { Example } from '@/api/types'
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
    <Menu
      label="Examples"
      tall
      entries={examples.map((example) => ({
        id: example.id,
        label: example.title,
        note: example.prompt,
        current: example === current,
        onChoose: () => onChoose(example),
      }))}
    />
  )
}
