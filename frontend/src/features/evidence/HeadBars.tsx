import { useState } from 'react'
import { ChartFrame } from '@/charts/ChartFrame'
import { useWidth } from '@/charts/useWidth'
import { WhiskerBars } from '@/charts/WhiskerBars'
import { tellHead, type HeadEvidence } from '@/lib/evidence'
import { number, sentence, signed } from '@/lib/format'
import { headName, type Head } from '@/lib/heads'

type Props = {
  /** The largest first. */
  heads: readonly HeadEvidence[]
  /** What the numbers are. */
  meaning: string
  caption: string
  onOpen: (head: Head) => void
}

const MOST = 20

/** The means of the heads, each with the whisker of its interval, the largest first. */
export function HeadBars({ heads, meaning, caption, onOpen }: Props) {
  const [active, setActive] = useState<number | null>(null)
  const { ref, width } = useWidth(560)
  const shown = heads.slice(0, MOST)
  const textOf = (index: number) => (shown[index] ? tellHead(shown[index]) : '')
  return (
    <ChartFrame
      name="Means with 95 % intervals"
      height={shown.length * 20 + 40}
      caption={`${sentence(meaning)}. ◆ stands the test, ◇ its own interval leaves zero. ${caption}`}
      table={() => ({
        columns: ['Head', 'Mean', 'Low', 'High', 'Of its sign', 'p (Holm)'],
        rows: heads.map(({ head, mean, interval, sameSign, p }) => [
          headName(head),
          signed(mean),
          interval ? signed(interval[0]) : '',
          interval ? signed(interval[1]) : '',
          `${Math.round(sameSign * 100)} %`,
          number(p),
        ]),
      })}
    >
      {() => (
        <div ref={ref}>
          <WhiskerBars
            label="Means with 95 % intervals"
            bars={shown.map(({ head, mean, interval, stands, leavesZero }) => ({
              name: headName(head),
              value: mean,
              interval,
              mark: stands ? 'filled' : leavesZero ? 'open' : null,
            }))}
            active={active}
            onActive={setActive}
            onOpen={(index) => shown[index] && onOpen(shown[index].head)}
            textOf={textOf}
            width={width}
          />
          <p data-no-picture className="min-h-8 text-xs text-ink-2">
            {active === null
              ? `The ${shown.length} largest of ${heads.length}; the table has all. A press shows a head’s items.`
              : `${textOf(active)}.`}
          </p>
        </div>
      )}
    </ChartFrame>
  )
}
