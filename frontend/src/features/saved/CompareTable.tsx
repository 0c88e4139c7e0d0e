import type { Row } from './comparison'

type Props = { titles: readonly string[]; rows: readonly Row[] }

/** The measures of saved experiments in columns, each with its difference to the first. */
export function CompareTable({ titles, rows }: Props) {
  return (
    // Wide tables scroll within; the focus lets arrow keys do it.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div role="region" aria-label="Measures side by side" tabIndex={0} className="overflow-x-auto">
      <table className="tabular w-full text-sm">
        <thead>
          <tr className="border-b border-line text-left text-xs text-ink-2">
            <th scope="col" className="py-1.5 pr-4 font-medium">
              Measure
            </th>
            {titles.map((title, index) => (
              <th key={index} scope="col" className="max-w-56 truncate py-1.5 pr-4 font-medium">
                <bdi>{title}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, cells }) => (
            <tr key={name} className="border-b border-line last:border-b-0">
              <th scope="row" className="py-1.5 pr-4 text-left font-normal text-ink-2">
                {name}
              </th>
              {cells.map(({ text, difference }, index) => (
                <td key={index} className="py-1.5 pr-4 whitespace-nowrap text-ink">
                  {text}
                  {difference && <span className="ml-2 text-xs text-ink-3">({difference})</span>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
