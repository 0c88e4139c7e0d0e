import type { ReactNode } from 'react'
import { tellCuts } from '@/lib/cuts'
import type { GridShape } from '@/lib/heads'
import { DeleteButton } from '@/ui/DeleteButton'
import { shapeFor, type Answer } from './answers'
import { CutMap } from './CutMap'

type Props = {
  answer: Answer
  shape: GridShape
  /** What came of it, in one line. */
  strip: ReactNode
  /** Where it opens as an experiment. */
  href: string
  chosen: boolean
  /** As many are compared as stand beside each other. */
  full: boolean
  pending: boolean
  onChoose: (chosen: boolean) => void
  onDelete: () => void
}

const time = (moment: string) =>
  new Date(moment).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** One answer: who, what was said, where was cut, and what came of it. */
export function AnswerRow(props: Props) {
  const { answer, shape, strip, href, chosen, full, pending, onChoose, onDelete } = props
  const { name, sentence, saved, cut } = answer
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 border-b border-line py-3 last:border-b-0 sm:flex-nowrap">
      <CutMap shape={shapeFor(shape, cut)} cuts={cut} />
      <div className="grid min-w-0 flex-1 basis-40 gap-1">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <a
            href={href}
            className="min-w-0 truncate text-sm font-medium text-ink underline-offset-2 hover:underline"
          >
            <bdi>{name}</bdi>
          </a>
          <time dateTime={saved} className="text-xs text-ink-3">
            {time(saved)}
          </time>
        </p>
        {sentence ? (
          <p className="max-h-40 overflow-y-auto text-base wrap-anywhere whitespace-pre-line text-ink">
            <bdi>{sentence}</bdi>
          </p>
        ) : (
          <p className="text-sm text-ink-3">no sentence</p>
        )}
        <p className="line-clamp-2 text-xs text-ink-2">
          {cut.length === 0 ? 'nothing cut' : `cut: ${tellCuts(cut)}`}
        </p>
        {strip}
      </div>
      <div className="flex items-center gap-1 max-sm:w-full">
        <label className="inline-flex cursor-pointer items-center gap-1.5 px-1 text-xs text-ink-2 pointer-coarse:min-h-11">
          <input
            type="checkbox"
            aria-label={`Compare ${name}`}
            checked={chosen}
            disabled={full && !chosen}
            onChange={(event) => onChoose(event.target.checked)}
            className="size-4 accent-(--accent) pointer-coarse:size-6"
          />
          Compare
        </label>
        <DeleteButton label={`Delete ${name}`} pending={pending} onDelete={onDelete} />
      </div>
    </li>
  )
}
