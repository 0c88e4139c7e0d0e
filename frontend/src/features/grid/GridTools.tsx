import { useState } from 'react'
import { Button } from '@/ui/Button'
import { NumberField } from '@/ui/NumberField'

type Props = {
  nHeads: number
  onTop: (k: number) => void
  /** Why the top heads cannot be cut now. */
  topBlocked: string | null
  onClear: (() => void) | null
  onInvert: () => void
}

/** What acts on the whole cut. */
export function GridTools(props: Props) {
  const { nHeads, onTop, topBlocked, onClear, onInvert } = props
  const [k, setK] = useState(5)
  return (
    <div className="flex flex-wrap items-end gap-2">
      <div className="flex items-end gap-1.5">
        <Button look="danger" onClick={() => onTop(k)} disabledReason={topBlocked}>
          Ablate Top-{k} Heads
        </Button>
        <NumberField
          label={<span className="sr-only">How many top heads</span>}
          value={k}
          min={1}
          max={nHeads}
          onChange={(value) => setK(value ?? 5)}
          className="w-16"
        />
      </div>
      <div className="flex flex-wrap gap-1">
        <Button
          look="quiet"
          onClick={() => onClear?.()}
          disabledReason={!onClear && 'Nothing is cut.'}
        >
          Clear
        </Button>
        <Button look="quiet" onClick={onInvert} title="Cut what is intact, restore what is cut">
          Invert
        </Button>
      </div>
    </div>
  )
}
