import { visible } from '@/lib/format'
import { tokenText, type Lens, type Story as LensStory } from '@/lib/lens'
import { tellStory } from '@/lib/lensStory'
import { quotedPieces, unbroken } from '@/lib/quotes'
import { cx } from '@/ui/cx'

type Props = { lens: Lens; story: LensStory }

/** The sentence that says which layer changed its mind, its tokens in the runs' colours. */
export function Story({ lens, story }: Props) {
  const [control, ablated] = [story.control.id, story.ablated.id].map((id) =>
    visible(tokenText(lens, id)),
  )
  const look = (text: string) =>
    text === control
      ? 'bg-control-soft text-control'
      : text === ablated
        ? 'bg-ablated-soft text-ablated'
        : 'bg-sunken text-ink'
  return (
    <p
      aria-live="polite"
      className="mt-1.5 max-w-3xl text-[1.0625rem] leading-relaxed text-pretty text-ink"
    >
      {quotedPieces(tellStory(lens, story)).map(({ text, quoted }, i) =>
        quoted ? (
          <b
            key={i}
            className={cx('rounded-sm px-1 font-mono text-[0.9375rem] font-semibold', look(text))}
          >
            {text}
          </b>
        ) : (
          <span key={i}>{unbroken(text)}</span>
        ),
      )}
    </p>
  )
}
