import { Cursor } from './Cursor'

export type LayeredNode = {
  readonly id: string
  readonly x: number
  readonly y: number
  /** Drawn as an end, not as a head. */
  readonly end: boolean
  /** Can be spared. */
  readonly spare: boolean
}

export type LayeredEdge = {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly input: string | null
  readonly value: number
  /** 0 to 1. */
  readonly strength: number
  readonly path: string
  readonly end: { readonly x: number; readonly y: number }
}

type Props = {
  /** Names the chart to screen readers. */
  label: string
  nodes: readonly LayeredNode[]
  edges: readonly LayeredEdge[]
  rows: readonly { readonly label: string; readonly y: number }[]
  width: number
  height: number
  node: { readonly width: number; readonly height: number }
  /** Looked at: its paths stand out. */
  focus: string | null
  active: number | null
  onActive: (index: number | null) => void
  /** Enter or a click. */
  onOpen: (index: number) => void
  textOf: (index: number) => string
}

const colourOf = (value: number) => (value < 0 ? 'var(--div-neg)' : 'var(--div-pos)')
const widthOf = (strength: number) => 1 + 7 * strength

/** Nodes in layers upwards and what flows between them. Arrow keys walk, Enter looks at a node. */
export function LayeredGraph(props: Props) {
  const { label, nodes, edges, rows, width, height, node, focus, active } = props
  const { onActive, onOpen, textOf } = props
  const pointed = active === null ? null : (nodes[active]?.id ?? null)
  const shown = pointed ?? focus
  const isOf = ({ from, to }: LayeredEdge) => shown === null || from === shown || to === shown
  // What is looked at lies on top.
  const sorted = [...edges].sort(
    (a, b) => Number(isOf(a)) - Number(isOf(b)) || a.strength - b.strength,
  )
  return (
    <Cursor
      label={`${label}. Arrow keys walk over the heads, Enter looks at one.`}
      count={nodes.length}
      index={active}
      onMove={onActive}
      onOpen={onOpen}
      textOf={textOf}
      className="rounded-md"
    >
      <svg
        width={width}
        height={height}
        aria-hidden
        onPointerLeave={(event) => event.pointerType === 'mouse' && onActive(null)}
      >
        {rows.map(({ label: word, y }, i) => (
          <g key={i}>
            <line x1={34} x2={width} y1={y} y2={y} stroke="var(--chart-grid)" />
            {rows[i - 1]?.label !== word && (
              <text x={2} y={y + 4} fontSize={12} fill="var(--chart-axis)" className="font-mono">
                {word}
              </text>
            )}
          </g>
        ))}
        {sorted.map((edge) => (
          <Path key={edge.id} edge={edge} faded={!isOf(edge)} named={shown !== null} />
        ))}
        {nodes.map((each, index) => (
          <Node
            key={each.id}
            each={each}
            size={node}
            focused={each.id === focus}
            strong={each.id === pointed}
            onPoint={() => onActive(index)}
            onOpen={() => onOpen(index)}
          />
        ))}
      </svg>
    </Cursor>
  )
}

function Path({ edge, faded, named }: { edge: LayeredEdge; faded: boolean; named: boolean }) {
  const { path, value, strength, input, end } = edge
  return (
    <g opacity={faded ? 0.12 : 1}>
      <path
        d={path}
        fill="none"
        stroke={colourOf(value)}
        strokeWidth={widthOf(strength)}
        strokeOpacity={0.35 + 0.5 * strength}
        strokeDasharray={value < 0 ? '6 4' : undefined}
        strokeLinecap="round"
      />
      {input && (strength > 0.12 || (named && !faded)) && (
        <g>
          <circle cx={end.x} cy={end.y + 9} r={8} fill="var(--surface)" stroke={colourOf(value)} />
          <text
            x={end.x}
            y={end.y + 13}
            fontSize={12}
            textAnchor="middle"
            fill="var(--ink)"
            className="font-mono"
          >
            {input}
          </text>
        </g>
      )}
    </g>
  )
}

type NodeProps = {
  each: LayeredNode
  size: Props['node']
  focused: boolean
  strong: boolean
  onPoint: () => void
  onOpen: () => void
}

function Node({ each, size, focused, strong, onPoint, onOpen }: NodeProps) {
  const { id, x, y, end, spare } = each
  return (
    <g className="cursor-pointer" onPointerMove={onPoint} onClick={onOpen}>
      <rect
        x={x - size.width / 2}
        y={y - size.height / 2}
        width={size.width}
        height={size.height}
        rx={end ? size.height / 2 : 6}
        fill={end ? 'var(--sunken)' : spare ? 'var(--surface)' : 'var(--control-soft)'}
        stroke={focused || strong ? 'var(--ink)' : end ? 'var(--line-strong)' : 'var(--control)'}
        strokeWidth={focused ? 2.5 : 1.5}
        strokeDasharray={spare ? '4 3' : undefined}
      />
      <text
        x={x}
        y={y + 4}
        fontSize={12}
        textAnchor="middle"
        fill="var(--ink)"
        className={end ? undefined : 'font-mono'}
      >
        {id}
      </text>
    </g>
  )
}
