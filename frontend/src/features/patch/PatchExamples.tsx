import type { Patch } from '@/lib/patch'
import type { PatchExample } from '@/lib/patchExamples'
import { Menu } from '@/ui/Menu'

type Props = {
  examples: readonly PatchExample[]
  patch: Patch
  onChoose: (patch: PatchExample['patch']) => void
}

const isShown = ({ patch: { prompt, corrupt, tab = 'patching' } }: PatchExample, now: Patch) =>
  prompt === now.prompt && corrupt === now.corrupt && tab === now.tab

/** Pairs of prompts that show one thing each on the chosen model. */
export function PatchExamples({ examples, patch, onChoose }: Props) {
  if (examples.length === 0) return null
  return (
    <Menu
      label="Examples"
      tall
      entries={examples.map((example) => ({
        label: example.title,
        note: example.note,
        current: isShown(example, patch),
        onChoose: () => onChoose(example.patch),
      }))}
    />
  )
}
