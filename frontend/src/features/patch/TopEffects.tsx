import { ShareBars } from '@/charts/ShareBars'
import { sameHead, type Head } from '@/lib/heads'
import type { Effect } from '@/lib/patching'

type Props = {
  name: string
  effects: readonly Effect[]
  format: (value: number) => string
  focus: Head | null
  onFocus: (head: Head) => void
}

/** Who does most, as bars; a press on a head looks at it. */
export function TopEffects({ name, effects, format, focus, onFocus }: Props) {
  return (
    <section>
      <h3 className="mb-1.5 text-sm font-medium text-ink">{name}</h3>
      <ShareBars
        label={name}
        format={format}
        bars={effects.map(({ name: each, head, value }) => ({
          name: each,
          value,
          ...(head && { onOpen: () => onFocus(head), current: sameHead(head, focus) }),
        }))}
      />
    </section>
  )
}
