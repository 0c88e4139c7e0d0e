import { useMemo, useState, type ReactNode } from 'react'
import { ChartFrame, type ChartState } from '@/charts/ChartFrame'
import { LayeredGraph } from '@/charts/LayeredGraph'
import { useWidth } from '@/charts/useWidth'
import { layOut, LOGITS, NODE, tellNode, type PathEdge } from '@/lib/circuitGraph'
import { number, signed } from '@/lib/format'
import { headName, sameHead, type Head } from '@/lib/heads'
import { Term } from '@/ui/Term'

type Props = {
  heads: readonly Head[]
  edges: readonly PathEdge[]
  /** How many items the paths were measured on. */
  items: number
  unit: string
  superfluous: readonly Head[]
  focus: Head | null
  state: ChartState
  onFocus: (head: Head | null) => void
  /** How the measurement goes. */
  status: ReactNode
}

/** Who writes into whose queries, keys and values: the circuit as a graph, layers upwards. */
export function GraphFigure(props: Props) {
  const { heads, edges, items, unit, superfluous, focus, state, onFocus, status } = props
  const [active, setActive] = useState<number | null>(null)
  const { ref, width } = useWidth(640)
  const graph = useMemo(() => layOut(heads, edges, width), [heads, edges, width])
  const name = 'Who writes into whom'
  const textOf = (index: number) => tellNode(graph, graph.nodes[index]?.id ?? LOGITS)
  const focused = focus ? graph.nodes.find(({ id }) => id === headName(focus)) : undefined
  return (
    <ChartFrame
      name={name}
      unit={unit}
      title={<Term id="path">{name}</Term>}
      state={state}
      svg
      height={340}
      legend={[
        { label: 'for the task', color: '--div-pos', mark: 'line' },
        { label: 'against it', color: '--div-neg', mark: 'dashed' },
      ]}
      caption={`Width: how much of the task the path carries, path patching over ${items} items; q, k, v: into what it writes.${graph.left > 0 ? ` ${graph.left} weaker paths are in the table.` : ''}`}
      table={() => ({
        columns: ['From', 'Into', 'Carries', 'Standard error', 'Share'],
        rows: edges.map(({ sender, receiver, input, effect, standard_error, share }) => [
          headName(sender),
          receiver ? `${input} of ${headName(receiver)}` : 'logits',
          signed(-effect),
          standard_error === null ? '' : number(standard_error),
          share === null ? '' : `${number(share * 100)} %`,
        ]),
      })}
    >
      {() => (
        <div ref={ref}>
          <LayeredGraph
            label={name}
            nodes={graph.nodes.map(({ id, head, x, y }) => ({
              id,
              x,
              y,
              end: head === null,
              spare: superfluous.some((each) => sameHead(each, head)),
            }))}
            edges={graph.edges}
            rows={graph.rows}
            width={graph.width}
            height={graph.height}
            node={NODE}
            focus={focused?.id ?? null}
            active={active}
            onActive={setActive}
            onOpen={(index) => onFocus(graph.nodes[index]?.head ?? null)}
            textOf={textOf}
          />
          <div
            data-no-picture
            className="mt-1 grid min-h-10 content-start gap-1 text-xs text-ink-2"
          >
            <p>
              {active !== null
                ? `${textOf(active)}.`
                : focused
                  ? `${tellNode(graph, focused.id)}.`
                  : 'Press a head: its paths stand out.'}
            </p>
            {status}
          </div>
        </div>
      )}
    </ChartFrame>
  )
}
