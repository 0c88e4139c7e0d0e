import type { ReactNode } from 'react'
import { GLOSSARY, type TermId } from '@/lib/glossary'
import { Hint } from './Hint'

type Props = { id: TermId; children?: ReactNode }

/** A word that explains itself: two sentences and a source. */
export function Term({ id, children }: Props) {
  const { title, text, source, href } = GLOSSARY[id]
  return (
    <Hint
      content={
        <>
          <span className="mb-1 block font-semibold text-ink">{title}</span>
          <span className="block leading-relaxed">{text}</span>
          <a
            href={href}
            target="_blank"
            rel="noreferrer"
            className="mt-1.5 block text-ink-3 underline decoration-line-strong underline-offset-2 hover:text-ink"
          >
            {source}
          </a>
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
}
