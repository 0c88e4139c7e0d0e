import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { MeasureCards } from '@/features/circuit/MeasureCards'
import { MEASURES } from '@/features/circuit/measures'
import { StepsFigure } from '@/features/circuit/StepsFigure'
import {
  completenessGauge,
  faithfulnessGauge,
  minimalityGauge,
  tellHeads,
  tellShare,
  type Measured,
} from '@/lib/circuit'
import type { CircuitLink } from '@/lib/circuitLink'
import { count } from '@/lib/format'
import { EmptyNote } from '@/ui/EmptyNote'
import type { CircuitFinding, FoundByTest } from './circuitFinding'

type Props = {
  finding: CircuitFinding
  /** The Circuit view with these heads; null where it cannot draw the run's items. */
  link: CircuitLink | null
  /** What takes the numbers along. */
  children: ReactNode
}

/** The circuit that a run tests or has found, and the way to the Circuit view. */
export function CircuitFound({ finding, link, children }: Props) {
  const { heads } = finding
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-line bg-sunken px-3 py-2 text-sm">
        <p role="status" className="min-w-0 flex-1 basis-56 text-pretty">
          {tellFinding(finding)}
          {heads && <span className="font-mono text-xs text-ink-2"> {tellHeads(heads, 12)}</span>}
        </p>
        {heads && heads.length > 0 && link && (
          <Link
            to="/circuit"
            search={link}
            className="text-ink underline underline-offset-2 hover:no-underline pointer-coarse:py-3"
          >
            Open in the Circuit view
          </Link>
        )}
      </div>
      {finding.kind === 'test' ? (
        <Cards test={finding} />
      ) : finding.steps.length > 0 ? (
        <StepsFigure steps={finding.steps} target={finding.target} />
      ) : (
        <EmptyNote>The search has not made a step yet.</EmptyNote>
      )}
      {children}
    </div>
  )
}

function tellFinding(finding: CircuitFinding): string {
  const { heads, isOver } = finding
  if (!heads) return isOver ? 'A published circuit.' : 'No faithful circuit yet.'
  const size = count(heads.length, 'head')
  if (finding.kind === 'test') return `The circuit: ${size}.`
  const ratio = finding.steps.at(-1)?.ratio
  const share = isOver && ratio !== undefined ? `, ${tellShare(ratio)} of the whole model` : ''
  return `${isOver ? 'Found' : 'Best so far'}: ${size}${share}.`
}

function Cards({ test }: { test: FoundByTest }) {
  const { faithfulness, completeness, minimality, unit, isOver } = test
  const whole = faithfulness?.whole.mean ?? 0
  const card = (
    name: keyof typeof MEASURES,
    part: { n: number } | null | undefined,
    measured: Measured | null,
  ) =>
    // A test that is over has what it was asked for.
    part || !isOver
      ? [
          {
            ...MEASURES[name],
            measured,
            stale: false,
            note: part && !isOver && <p>first {count(part.n, 'item')}</p>,
          },
        ]
      : []
  return (
    <MeasureCards
      cards={[
        ...card(
          'faithfulness',
          faithfulness,
          faithfulness && faithfulnessGauge(faithfulness, unit),
        ),
        ...card(
          'completeness',
          completeness,
          completeness && completenessGauge(completeness, whole),
        ),
        ...card('minimality', minimality, minimality && minimalityGauge(minimality, whole)),
      ]}
    />
  )
}
