import { memo, type ReactNode } from 'react'
import { TERMS, type TermId } from '@/lib/terms'
import { Boundary } from './Boundary'
import { Hint } from './Hint'
import { lazyPart } from './lazyPart'

const TermNote = lazyPart(() => import('./TermNote').then((m) => m.TermNote))

type Props = { id: TermId; children?: ReactNode }

/** A word that explains itself: two sentences and a source. */
export const Term = memo(function Term({ id, children }: Props) {
  const title = TERMS[id]
  return (
    <Hint
      content={
        <>
          <span className="mb-1 block font-semibold text-ink">{title}</span>
          <Boundary name={title} placeholder={<span className="block h-16 w-80 max-w-full" />}>
            <TermNote id={id} />
          </Boundary>
        </>
      }
      trigger={
        <button
          type="button"
          aria-label={children === '?' ? `What is ${title}?` : undefined}
          className="cursor-help rounded-sm underline decoration-line-strong decoration-dotted underline-offset-3 hover:decoration-ink"
        />
      }
    >
      {children ?? title}
    </Hint>
  )
})
