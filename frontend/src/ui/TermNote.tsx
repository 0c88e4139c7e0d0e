import { GLOSSARY } from '@/lib/glossary'
import type { TermId } from '@/lib/terms'

/** What a term means, and who says so. */
export function TermNote({ id }: { id: TermId }) {
  const { text, source, href } = GLOSSARY[id]
  return (
    <>
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
  )
}
