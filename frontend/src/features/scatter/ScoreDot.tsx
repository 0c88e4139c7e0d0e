type Props = {
  cx?: number
  cy?: number
  payload?: { index: number; name: string; cut: boolean; named: boolean }
  /** The head being read. */
  read?: boolean
  onActive?: (index: number) => void
  onPick?: (index: number) => void
}

/** A head of the scatter. The chart around it takes the keys; this takes the pointer. */
export function ScoreDot({ cx = 0, cy = 0, payload, read = false, onActive, onPick }: Props) {
  if (!payload) return null
  const { index, name, cut, named } = payload
  return (
    <g
      transform={`translate(${cx} ${cy})`}
      className="cursor-pointer"
      onPointerEnter={() => onActive?.(index)}
      onClick={() => onPick?.(index)}
    >
      <circle r={9} fill="transparent" />
      {read && <circle r={8} fill="none" stroke="var(--ink)" strokeWidth={2} />}
      {cut ? (
        <path
          d="M-4.5-4.5l9 9M4.5-4.5l-9 9"
          stroke="var(--cut)"
          strokeWidth={2.4}
          strokeLinecap="round"
        />
      ) : (
        <circle r={3.6} fill="var(--chart-control)" fillOpacity={read ? 1 : 0.65} />
      )}
      {(named || read) && (
        <text
          y={-7}
          x={6}
          fontSize={12}
          fontWeight={read || cut ? 700 : 400}
          fill="var(--ink)"
          stroke="var(--surface)"
          strokeWidth={3}
          paintOrder="stroke"
        >
          {name}
        </text>
      )}
    </g>
  )
}
