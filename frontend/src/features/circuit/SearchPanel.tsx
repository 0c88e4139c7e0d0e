import type { ReactNode } from 'react'
import { tellHeads } from '@/lib/circuit'
import { STARTS, type CircuitQuestion, type SearchStart } from '@/lib/circuitLink'
import { count } from '@/lib/format'
import type { Head } from '@/lib/heads'
import { Button } from '@/ui/Button'
import { EmptyNote } from '@/ui/EmptyNote'
import { NumberField } from '@/ui/NumberField'
import { Segmented } from '@/ui/Segmented'
import { StepsFigure, type SearchStep } from './StepsFigure'

type Props = {
  question: CircuitQuestion
  steps: readonly SearchStep[]
  /** The smallest faithful circuit so far, or the one found. */
  best: readonly Head[] | null
  /** The search has ended by itself. */
  found: boolean
  running: boolean
  /** Why no search can begin. */
  blocked: string | null
  onUpdate: (change: Partial<CircuitQuestion>) => void
  onStart: () => void
  onUse: (heads: readonly Head[]) => void
  /** How it goes, and what ends it. */
  status: ReactNode
}

const LABELS: Readonly<Record<SearchStart, { label: string; title: string }>> = {
  none: { label: 'no head', title: 'Growth: put in one head after the other' },
  all: { label: 'all heads', title: 'Removal: take out one head after the other' },
  circuit: { label: 'this circuit', title: 'Removal from the heads chosen now' },
}

/** The machine looks for a small circuit, one exact step after the other. */
export function SearchPanel(props: Props) {
  const { question, steps, best, found, running, blocked, onUpdate, onStart, onUse, status } = props
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="flex flex-wrap items-end gap-3">
        <div>
          <p className="mb-1 text-xs text-ink-2">Begin with</p>
          <Segmented
            label="Begin with"
            options={STARTS.map((id) => ({ id, ...LABELS[id] }))}
            value={question.start}
            onChange={(start) => onUpdate({ start })}
          />
        </div>
        <NumberField
          label="At least, % of the model"
          value={question.target}
          min={0}
          max={100}
          onChange={(target) => target !== null && onUpdate({ target })}
          className="w-40"
        />
        <Button
          look="primary"
          onClick={onStart}
          disabledReason={blocked ?? (running && 'It is being searched.')}
        >
          Look for a circuit
        </Button>
      </div>
      {status}
      {best && (
        <div className="flex flex-wrap items-center gap-2 rounded-lg border border-line bg-sunken px-3 py-2 text-sm">
          <p role="status" className="min-w-0 flex-1 basis-56 text-pretty">
            <strong className="font-medium">
              {found ? 'Found' : 'Best so far'}: {count(best.length, 'head')}
            </strong>{' '}
            <span className="font-mono text-xs text-ink-2">{tellHeads(best, 12)}</span>
          </p>
          <Button onClick={() => onUse(best)}>Use this circuit</Button>
        </div>
      )}
      {steps.length > 0 ? (
        <StepsFigure steps={steps} target={question.target / 100} />
      ) : (
        !running && (
          <EmptyNote>
            Each step tries the heads that an estimate puts first, measures them exactly and takes
            the best. The search ends when no single head can be spared.
          </EmptyNote>
        )
      )}
    </div>
  )
}
