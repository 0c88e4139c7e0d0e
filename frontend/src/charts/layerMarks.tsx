type TickProps = { x?: number | string; y?: number | string; payload?: { value: number | string } }

/** The name of a layer; where heads are cut there it carries a red cross. */
export function LayerTick({
  x = 0,
  y = 0,
  payload,
  layers,
  cut,
  active,
  every,
}: TickProps & {
  layers: readonly string[]
  cut: readonly number[]
  active: number | null
  every: number
}) {
  const layer = Number(payload?.value ?? 0)
  const name = layers[layer] ?? ''
  const shown = layer % every === 0 || layer === active
  return (
    <g transform={`translate(${x} ${y})`}>
      {shown && (
        <text
          dy={10}
          textAnchor="middle"
          fontSize={12}
          fontWeight={layer === active ? 700 : 400}
          fill={layer === active ? 'var(--ink)' : 'var(--chart-axis)'}
        >
          {name === 'embed' ? 'emb' : name}
        </text>
      )}
      {cut.includes(layer) && (
        <path
          d="M-3.5 15l6 6M2.5 15l-6 6"
          stroke="var(--cut)"
          strokeWidth={2}
          strokeLinecap="round"
        />
      )}
    </g>
  )
}

type EndLabelProps = {
  x?: number | string
  y?: number | string
  index?: number
  last: number
  text: string
  color: string
  /** Pixels down, away from a label that ends at the same height. */
  lift: number
}

/** The name of a line where it ends. */
export function EndLabel({ x = 0, y = 0, index, last, text, color, lift }: EndLabelProps) {
  if (index !== last) return null
  return (
    <text
      x={Number(x) + 7}
      y={Number(y) + lift}
      dy={4}
      className="font-mono"
      fontSize={12}
      fontWeight={600}
      fill={`var(${color})`}
    >
      {text}
    </text>
  )
}
