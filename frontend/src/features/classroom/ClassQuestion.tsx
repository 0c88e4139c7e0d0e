import type { ReactNode } from 'react'
import type { ClassLink } from '@/api/types'
import { day } from '@/lib/format'
import { Hint } from '@/ui/Hint'

type Props = {
  asked: ClassLink
  prompt: string
  /** Model and settings, in words. */
  settings: string
  /** Beside the question: what can be done. */
  actions: ReactNode
  /** Why nothing can be asked now. */
  blocked: string | null
}

const Lock = () => (
  <svg viewBox="0 0 16 16" aria-hidden className="mt-1.5 size-4 shrink-0 fill-none stroke-ink-3">
    <rect x="3" y="7" width="10" height="6.5" rx="1.5" strokeWidth="1.5" />
    <path d="M5.25 7V5a2.75 2.75 0 0 1 5.5 0v2" strokeWidth="1.5" />
  </svg>
)

/** The question of a class in the place of the prompt, which it fixes. */
export function ClassQuestion({ asked, prompt, settings, actions, blocked }: Props) {
  return (
    <section
      aria-label="Prompt of the class"
      className="rounded-xl border border-line bg-surface p-3 sm:px-4 sm:py-3"
    >
      <div className="flex flex-col gap-2.5 md:flex-row md:items-start">
        <div className="grid min-w-0 flex-1 gap-1.5">
          <h2 className="text-sm font-semibold text-ink">
            <bdi>{asked.title}</bdi>
          </h2>
          {asked.question && (
            <p className="max-h-24 overflow-y-auto text-base text-pretty wrap-anywhere whitespace-pre-line text-ink">
              <bdi>{asked.question}</bdi>
            </p>
          )}
          <div className="flex gap-2 rounded-lg bg-sunken px-3 py-1.5">
            <Lock />
            <p
              aria-label="Prompt, fixed by the class"
              role="note"
              className="max-h-20 min-w-0 overflow-y-auto text-base leading-relaxed wrap-anywhere whitespace-pre-wrap text-ink"
            >
              {prompt}
            </p>
          </div>
        </div>
        <div className="flex flex-wrap gap-2">{actions}</div>
      </div>
      <p className="mt-1.5 text-xs text-pretty text-ink-2">
        Prompt and settings ({settings}) are fixed by the class, so that all answers are about the
        same. What you cut is yours.{' '}
        {asked.state === 'closed' && 'The class is closed: it takes no more answers. '}
        {asked.state === 'full' && 'The class has as many answers as it takes. '}
        <Hint
          content={
            <span className="block leading-relaxed">
              That this browser opened the class was counted: a number, and nothing about you or the
              browser. What you try is not kept. What you hand in is kept until {day(asked.expires)}
              : the name you write, if any, your sentence, your cuts, texts and scores. The teacher
              can read and delete it, and so can this browser, under Saved.
            </span>
          }
          trigger={
            <button
              type="button"
              className="cursor-help rounded-sm underline decoration-line-strong decoration-dotted underline-offset-3 hover:decoration-ink"
            />
          }
        >
          What is stored?
        </Hint>
      </p>
      {blocked && (
        <p role="status" className="mt-1 text-xs text-warn">
          {blocked}
        </p>
      )}
    </section>
  )
}
