import { useState } from 'react'
import { Button } from '@/ui/Button'
import { NumberField } from '@/ui/NumberField'

type Props = {
  nHeads: number
  onTop: (k: number) => void
  /** The scores that the top heads are chosen by are being measured. */
  topPending: boolean
  onClear: (() => void) | null
  onInvert: () => void
}

/** What acts on the whole cut. */
export function GridTools(props: Props) {
  const { nHeads, onTop, topPending, onClear, onInvert } = props
  const [k, setK] = useState(5)
  return (
    <div className="flex flex-wrap items-end gap-2">
      <div className="flex items-end gap-1.5">
        <Button
          look="danger"
          onClick={() => onTop(k)}
          disabledReason={topPending && 'The scores are being measured.'}
        >
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
          disabledReason={!onClear && 'No head is cut.'}
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
