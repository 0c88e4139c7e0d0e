/** What a run of a circuit's test, or of a search for one, has found: read from its results. */

import type {
  CircuitProgress,
  CircuitSearchProgress,
  CircuitTest,
  FoundCircuit,
  Run,
  RunResults,
} from '@/api/types'
import { effectLayer } from '@/lib/circuit'
import { DEFAULT_CIRCUIT, encodeCircuit, type CircuitLink } from '@/lib/circuitLink'
import { hasHead, parseHead, type GridShape, type Head } from '@/lib/heads'
import type { GridLayer } from '@/lib/layer'

type Step = CircuitSearchProgress['step']

type Found = {
  /** None while a search has no faithful circuit yet. */
  readonly heads: readonly Head[] | null
  /** The run has ended by itself. */
  readonly isOver: boolean
}

export type FoundBySearch = Found & {
  readonly kind: 'search'
  readonly steps: readonly Step[]
  /** Least F(C)/F(M). */
  readonly target: number
}

export type FoundByTest = Found & {
  readonly kind: 'test'
  readonly unit: string
  readonly faithfulness: CircuitTest['faithfulness'] | null
  readonly minimality: CircuitTest['minimality']
  readonly completeness: CircuitTest['completeness']
}

export type CircuitFinding = FoundBySearch | FoundByTest

/** What was asked of the heads: names in the run's own request, until a result has them. */
const headsAsked = ({ analysis }: Run): readonly Head[] | null =>
  Array.isArray(analysis['heads'])
    ? analysis['heads'].flatMap((name) => (typeof name === 'string' ? (parseHead(name) ?? []) : []))
    : null

/** Null where the run measures heads item by item, or has found nothing yet. */
export function circuitFinding({ run, found }: RunResults): CircuitFinding | null {
  if (found === null) return null
  const isOver = 'heads' in found
  if (run.analysis['name'] === 'circuit') {
    const { unit, heads, ...test } = found as Partial<CircuitTest & CircuitProgress>
    return {
      kind: 'test',
      isOver,
      unit: unit ?? '',
      heads: heads ?? headsAsked(run),
      faithfulness: test.faithfulness ?? null,
      minimality: test.minimality ?? null,
      completeness: test.completeness ?? null,
    }
  }
  const {
    steps = [],
    heads,
    best,
  } = found as Partial<FoundCircuit> & {
    readonly best?: CircuitSearchProgress['best']
  }
  const target = run.analysis['target']
  return {
    kind: 'search',
    isOver,
    steps,
    heads: heads ?? best ?? null,
    target: typeof target === 'number' ? target : DEFAULT_CIRCUIT.target / 100,
  }
}

/** The circuit on the grid: what each head adds, or who is in it. */
export function findingLayer(finding: CircuitFinding, shape: GridShape): GridLayer | null {
  if (finding.kind === 'test') {
    return finding.minimality && effectLayer(finding.minimality, finding.unit, shape)
  }
  const { heads } = finding
  if (!heads) return null
  const values = Array.from({ length: shape.nLayers }, (_, layer) =>
    Array.from({ length: shape.nHeads }, (_, head) => (hasHead(heads, { layer, head }) ? 1 : null)),
  )
  return {
    name: 'circuit',
    unit: '',
    format: () => 'in it',
    values,
    signed: false,
    spread: 'linear',
    notes: ['coloured: heads of the circuit found'],
    isMembership: true,
  }
}

/** The way to the Circuit view with this circuit; null where its items cannot be drawn there. */
export function findingLink(
  { run, found }: RunResults,
  heads: readonly Head[],
): CircuitLink | null {
  if (run.seed === null || Object.keys(run.parameters).length > 0) return null
  const request = (found?.['provenance'] as { request?: { n?: number } } | undefined)?.request
  const method = run.analysis['ablation_method']
  return encodeCircuit({
    ...DEFAULT_CIRCUIT,
    task: run.task,
    n: request?.n ?? DEFAULT_CIRCUIT.n,
    seed: run.seed,
    heads,
    method: typeof method === 'string' ? method : DEFAULT_CIRCUIT.method,
    model: run.model,
  })
}
