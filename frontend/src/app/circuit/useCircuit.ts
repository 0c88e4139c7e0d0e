import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { circuitSearchStream, circuitStream, modelsQuery } from '@/api/queries'
import { circuitBodyOf, searchBodyOf, type CircuitMeasure } from '@/api/requests'
import { useStreamResult } from '@/api/streamQuery'
import type { CircuitTest } from '@/api/types'
import { decodeCircuit, encodeCircuit, type CircuitQuestion } from '@/lib/circuitLink'
import { hasHead, isInside, type Head } from '@/lib/heads'
import { useLast } from '@/ui/useLast'
import { taskQuery, tasksQuery } from '../evidence/runQueries'
import { useAnalysisStream } from '../patch/useAnalysisStream'
import { shapeOf } from '../workspaceStore'

const route = getRouteApi('/circuit')

type Edges = NonNullable<CircuitTest['edges']>

/** What the address of the Circuit view asks, and what changes it. */
export function useCircuitQuestion() {
  const link = route.useSearch()
  const navigate = useNavigate()
  const { data: models } = useQuery({ ...modelsQuery(), enabled: false })
  const question = useMemo(() => decodeCircuit(link), [link])
  const name = question.model ?? models?.default ?? null
  const model = models?.models.find((each) => each.name === name) ?? null
  return {
    question,
    models,
    model,
    shape: shapeOf(model),
    update: (change: Partial<CircuitQuestion>, { push = false } = {}) =>
      void navigate({
        to: '/circuit',
        search: encodeCircuit({ ...question, ...change }),
        replace: !push,
      }),
  }
}

/** So many items give the first numbers after a change: those the server begins with anyway. */
const FEW = 5
/** Random circuits of the same size that a circuit is held against. */
const RIVALS = 20
/**
 * Paths are measured item by item: on so many at most, and on fewer in a larger circuit, for they
 * are as many as the square of its heads.
 */
const pathItems = (heads: number) => Math.max(3, Math.min(12, Math.round(3000 / heads ** 2)))

/**
 * The heads that paths are asked of. A path does not depend on what else is in the circuit: while
 * heads are only taken out, those of before hold the paths of the heads that are left.
 */
function usePathHeads(circuit: readonly Head[], key: string): readonly Head[] {
  const [asked, setAsked] = useState({ heads: circuit, key })
  const holds =
    asked.key === key &&
    pathItems(circuit.length) <= 2 * pathItems(asked.heads.length) &&
    circuit.every((head) => hasHead(asked.heads, head))
  if (!holds) setAsked({ heads: circuit, key })
  return holds ? asked.heads : circuit
}

/** The paths between heads of the circuit and to the logits. */
const pathsWithin = (edges: Edges, circuit: readonly Head[]): Edges => ({
  ...edges,
  edges: edges.edges.filter(
    ({ sender, receiver }) =>
      hasHead(circuit, sender) && (receiver === null || hasHead(circuit, receiver)),
  ),
})

/** The measures as far as they are known: first of few items, then of all, beside random circuits. */
function useMeasures(question: CircuitQuestion, circuit: readonly Head[], ready: boolean) {
  const asked = ready && circuit.length > 0
  const { tab } = question
  const body = (n: number, measures: readonly CircuitMeasure[], random: number) =>
    circuitBodyOf(question, circuit, { n, measures, random })
  const of = JSON.stringify([question.model, question.task, question.seed, question.method, asked])
  const senders = usePathHeads(circuit, JSON.stringify([of, question.n]))
  const ofPaths = {
    n: Math.min(pathItems(senders.length), question.n),
    measures: ['edges'],
    random: 0,
  } as const
  const pathsStream = circuitStream(circuitBodyOf(question, senders, ofPaths))
  // Nothing stands between a press and the whole test where the paths are known: it begins with
  // few items by itself.
  const arePathsKnown = useStreamResult(pathsStream).result !== null
  const first = useAnalysisStream(
    circuitStream(body(Math.min(FEW, question.n), ['minimality'], 0)),
    asked && !arePathsKnown,
  )
  const isFirstOver = arePathsKnown || first.status === 'done' || first.status === 'failed'
  const paths = useAnalysisStream(pathsStream, asked && isFirstOver && tab === 'graph')
  // What is looked at comes first: the graph takes less than the random circuits.
  const isGraphOver = tab !== 'graph' || (paths.status !== 'idle' && paths.status !== 'running')
  const goesOn = asked && isFirstOver && isGraphOver
  const measures: readonly CircuitMeasure[] = ['minimality', 'completeness']
  const withoutCurve = useAnalysisStream(
    circuitStream(body(question.n, measures, RIVALS)),
    goesOn && tab !== 'curve',
  )
  const withCurve = useAnalysisStream(
    circuitStream(body(question.n, [...measures, 'curve'], RIVALS)),
    goesOn && tab === 'curve',
  )
  const full = tab === 'curve' ? withCurve : withoutCurve
  const known = [withCurve.result, withoutCurve.result, full.partial, first.result]
  const best = <Part extends 'faithfulness' | 'minimality' | 'completeness' | 'curve'>(
    part: Part,
  ) => known.map((each) => each?.[part]).find((each) => each != null) ?? null
  const edges = paths.result?.edges ?? null
  const now = {
    faithfulness: best('faithfulness'),
    minimality: best('minimality'),
    completeness: best('completeness'),
    curve: best('curve'),
    edges: useMemo(() => edges && pathsWithin(edges, circuit), [edges, circuit]),
  }
  const last = {
    faithfulness: useLast(now.faithfulness, of),
    minimality: useLast(now.minimality, of),
    completeness: useLast(now.completeness, of),
    curve: useLast(now.curve, of),
    edges: useLast(now.edges, of),
  }
  return {
    ...last,
    /** Measured of this very circuit. */
    now,
    /** Of few items, of all beside random circuits, and of the paths. */
    first,
    full,
    paths,
    unit: full.result?.unit ?? first.result?.unit ?? paths.result?.unit ?? '',
    failed: first.error ?? full.error,
    warnings: [...new Set([...(full.result?.warnings ?? []), ...(paths.result?.warnings ?? [])])],
  }
}

/** Everything that the Circuit view shows. */
export function useCircuit() {
  const state = useCircuitQuestion()
  const { question, model, models, shape } = state
  const isReady = model?.state === 'ready'
  const known = useMemo(() => model?.circuits ?? [], [model])
  const { nLayers, nHeads } = shape
  const heads = useMemo(
    () =>
      (question.heads ?? known.find(({ task }) => task === question.task)?.heads ?? []).filter(
        (head) => isInside(head, { nLayers, nHeads }),
      ),
    [question.heads, question.task, known, nLayers, nHeads],
  )
  const asked = useMemo(
    () => ({ ...question, model: model?.name ?? question.model }),
    [question, model?.name],
  )
  const search = useAnalysisStream(circuitSearchStream(searchBodyOf(asked, heads)), false)
  // The machine does one thing after the other: who searches waits for nothing else.
  const measures = useMeasures(asked, heads, isReady && search.status !== 'running')
  const tasks = useQuery(tasksQuery())
  const preview = useQuery(
    taskQuery(
      isReady
        ? { task: question.task, n: question.n, seed: question.seed, model: model.name }
        : null,
    ),
  )
  return {
    ...state,
    asked,
    isReady,
    known,
    heads,
    methods: models?.methods ?? [],
    measures,
    search,
    tasks,
    preview,
  }
}

export type Circuit = ReturnType<typeof useCircuit>
