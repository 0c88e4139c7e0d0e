import { Menu } from '@/ui/Menu'
import type { Corruption } from '@/lib/corrupt'

/** A way to corrupt the clean prompt, with the text that fits it token by token. */
export type Offer = Pick<Corruption, 'id' | 'label' | 'note'> & {
  /** Null where none has as many tokens, or that is not known yet. */
  readonly text: string | null
  readonly waiting: boolean
}

type Props = { offers: readonly Offer[]; current: string; onChoose: (text: string) => void }

const lacking = (waiting: boolean) =>
  waiting ? 'Its tokens are being counted.' : 'None has as many tokens as the clean prompt.'

/** The same sentence about something else, so that one thing differs. */
export function CorruptMenu({ offers, current, onChoose }: Props) {
  return (
    <Menu
      label="Corrupt it"
      tall
      entries={offers.map(({ id, label, note, text, waiting }) => ({
        id,
        label,
        note,
        current: text === current,
        disabledReason: text === null ? lacking(waiting) : null,
        onChoose: () => text !== null && onChoose(text),
      }))}
      note={
        offers.length === 0 && (
          <p className="max-w-64 px-2.5 py-1.5 text-xs text-ink-3">
            The clean prompt names nobody, no place and no year that is known here: write the
            corrupt one by hand, with as many tokens.
          </p>
        )
      }
    />
  )
}
