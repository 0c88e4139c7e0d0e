import { useRef, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react'
import { cx } from './cx'

type Props = {
  /** What the divider moves, e.g. "Width of the grid". */
  label: string
  /** Share of the first pane, in percent. */
  share: number
  min: number
  max: number
  /** The first pane never gets narrower than this, e.g. "24rem". */
  least?: string
  /** Where a double click puts the divider. */
  standard: number
  onShare: (share: number) => void
  first: ReactNode
  second: ReactNode
  className?: string
}

const STEPS: Record<string, number> = { ArrowLeft: -2, ArrowRight: 2, PageUp: -10, PageDown: 10 }

/** Two panes side by side; the divider between them is dragged, or moved by arrow keys. */
export function Split(props: Props) {
  const { label, share, min, max, least = '0', standard, onShare, first, second, className } = props
  const frame = useRef<HTMLDivElement>(null)
  const moveTo = (next: number) => onShare(Math.round(Math.min(max, Math.max(min, next)) * 10) / 10)

  function onPointerMove(event: PointerEvent<HTMLDivElement>) {
    const box = frame.current?.getBoundingClientRect()
    if (!box || !event.currentTarget.hasPointerCapture(event.pointerId)) return
    moveTo(((event.clientX - box.left) / box.width) * 100)
  }

  function onKeyDown(event: KeyboardEvent) {
    const ends: Record<string, number> = { Home: min, End: max }
    const step = STEPS[event.key]
    const next = step === undefined ? ends[event.key] : share + step
    if (next === undefined) return
    event.preventDefault()
    moveTo(next)
  }

  return (
    <div
      ref={frame}
      className={cx('grid min-h-0 min-w-0', className)}
      style={{
        gridTemplateColumns: `minmax(${least}, ${share}fr) 0.75rem minmax(0, ${100 - share}fr)`,
      }}
    >
      {first}
      {/* A focusable separator is a widget: WAI-ARIA, “Window splitter”. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        role="separator"
        aria-orientation="vertical"
        aria-label={label}
        aria-valuenow={Math.round(share)}
        aria-valuemin={min}
        aria-valuemax={max}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        title="Drag, or use the arrow keys; double-click to reset"
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={onPointerMove}
        onDoubleClick={() => onShare(standard)}
        onKeyDown={onKeyDown}
        className="group grid cursor-col-resize touch-none place-items-center rounded-sm -outline-offset-2"
      >
        <span
          aria-hidden
          className="h-10 w-1 rounded-full bg-line transition-colors group-hover:bg-line-strong group-focus-visible:bg-ink"
        />
      </div>
      {second}
    </div>
  )
}
