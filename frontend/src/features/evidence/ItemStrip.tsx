import { useState, type ReactNode } from 'react'
import { ChartFrame, type ChartState } from '@/charts/ChartFrame'
import { StripPlot } from '@/charts/StripPlot'
import { useWidth } from '@/charts/useWidth'
import type { ScoredItem } from '@/api/types'
import { signed, visible } from '@/lib/format'

type Props = {
  /** The head's name. */
  name: string
  items: readonly ScoredItem[]
  mean: number | null
  state: ChartState
  /** The ways from an item to the other views. */
  ways: (item: ScoredItem) => ReactNode
}

/** One head's number on every item; a press shows the item. */
export function ItemStrip({ name, items, mean, state, ways }: Props) {
  const [active, setActive] = useState<number | null>(null)
  const { ref, width } = useWidth(560)
  const item = active === null ? undefined : items[active]
  const textOf = (index: number) => {
    const each = items[index]
    return each ? `Item ${each.item}, ${signed(each.score)}: ${each.prompt}` : ''
  }
  return (
    <ChartFrame
      name={`${name}, item by item`}
      state={state}
      height={180}
      caption="A dot an item; the dashed line is their mean."
      table={() => ({
        columns: ['Item', 'Score', 'Prompt', 'Answer', 'Foil'],
        rows: items.map(({ item: at, score, prompt, answer, foil }) => [
          at,
          signed(score),
          prompt,
          visible(answer),
          visible(foil ?? ''),
        ]),
      })}
    >
      {() => (
        <div ref={ref}>
          <StripPlot
            label={`${name}, item by item`}
            values={items.map(({ score }) => score)}
            mean={mean}
            active={active}
            onActive={setActive}
            textOf={textOf}
            width={width}
          />
          <div data-no-picture className="mt-1.5 min-h-16 text-sm text-ink-2">
            {item ? (
              <>
                <p className="wrap-anywhere">
                  <span className="tabular text-ink-3">
                    {item.item} · {signed(item.score)}
                  </span>{' '}
                  {item.prompt} <strong className="font-medium">{visible(item.answer)}</strong>
                  {item.foil != null && (
                    <span className="text-ink-3"> against {visible(item.foil)}</span>
                  )}
                </p>
                <p className="mt-1 flex gap-3 text-xs">{ways(item)}</p>
              </>
            ) : (
              <p className="text-xs">Press a dot to read its item.</p>
            )}
          </div>
        </div>
      )}
    </ChartFrame>
  )
}
