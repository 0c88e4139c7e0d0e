import type { ChartTable } from './types'

/** The numbers of a chart, for those who would rather read or copy them. */
export function DataTable({ name, table }: { name: string; table: ChartTable }) {
  return (
    <div
      role="region"
      aria-label={`${name}, as a table`}
      // A scrolling region must be reachable by keyboard.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className="max-h-80 overflow-auto rounded-md border border-line"
    >
      <table className="w-full text-xs">
        <caption className="sr-only">{name}</caption>
        <thead>
          <tr>
            {table.columns.map((column, i) => (
              <th
                key={i}
                scope="col"
                className={`sticky top-0 bg-sunken px-2.5 py-1.5 font-medium whitespace-nowrap text-ink-2 ${i === 0 ? 'text-left' : 'text-right'}`}
              >
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map(([head, ...values], row) => (
            <tr key={row} className="border-t border-line">
              <th
                scope="row"
                className="px-2.5 py-1 text-left font-mono font-normal whitespace-pre text-ink"
              >
                {head}
              </th>
              {values.map((value, i) => (
                <td key={i} className="tabular px-2.5 py-1 text-right whitespace-nowrap text-ink-2">
                  {value}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
