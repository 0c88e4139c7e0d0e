import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { circuitSearchStream, circuitStream, modelsQuery } from '@/api/queries'
import { circuitBodyOf, searchBodyOf, type CircuitBody } from '@/api/requests'
import { decodeCircuit, encodeCircuit, type CircuitQuestion } from '@/lib/circuitLink'
import { isInside, type Head } from '@/lib/heads'
import { useLast } from '@/ui/useLast'
import { useSettled } from '@/ui/useSettled'
import { taskQuery, tasksQuery } from '../evidence/runQueries'
import { useAnalysisStream } from '../patch/useAnalysisStream'
import { shapeOf } from '../workspaceStore'

const route = getRouteApi('/circuit')

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

/** The measures as far as they are known: first of few items, then of all, beside random circuits. */
function useMeasures(question: CircuitQuestion, circuit: readonly Head[], ready: boolean) {
  const asked = ready && circuit.length > 0
  const body = (n: number, measures: CircuitBody['measures'], random: number) =>
    circuitBodyOf(question, circuit, { n, measures, random })
  const whole = body(question.n, ['minimality', 'completeness'], RIVALS)
  const key = JSON.stringify(whole)
  // While heads are being put together only the quick look follows.
  const settled = useSettled(key, 400) === key
  const first = useAnalysisStream(
    circuitStream(body(Math.min(FEW, question.n), ['minimality'], 0)),
    asked,
  )
  const isFirstOver = first.status === 'done' || first.status === 'failed'
  const areas = useAnalysisStream(
    circuitStream(body(question.n, ['curve'], RIVALS)),
    asked && settled && isFirstOver && question.tab === 'curve',
  )
  const paths = useAnalysisStream(
    circuitStream(body(Math.min(pathItems(circuit.length), question.n), ['edges'], 0)),
    asked && settled && isFirstOver && question.tab === 'graph',
  )
  // What is looked at comes first: the graph takes less than the random circuits.
  const isGraphOver =
    question.tab !== 'graph' || (paths.status !== 'idle' && paths.status !== 'running')
  const full = useAnalysisStream(
    circuitStream(whole),
    asked && settled && isFirstOver && isGraphOver,
  )
  const of = JSON.stringify([question.model, question.task, question.seed, question.method, asked])
  const known = full.result ?? full.partial
  const now = {
    faithfulness: known?.faithfulness ?? first.result?.faithfulness ?? null,
    minimality: known?.minimality ?? first.result?.minimality ?? null,
    completeness: known?.completeness ?? null,
    curve: areas.result?.curve ?? null,
    edges: paths.result?.edges ?? null,
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
    /** Of few items, of all beside random circuits, of the curve and of the paths. */
    first,
    full,
    areas,
    paths,
    unit: full.result?.unit ?? first.result?.unit ?? '',
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
  const heads = useMemo(
    () =>
      (question.heads ?? known.find(({ task }) => task === question.task)?.heads ?? []).filter(
        (head) => isInside(head, shape),
      ),
    [question.heads, question.task, known, shape],
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
