/** What every chart shares. */

/** The numbers of a chart as a table; the first column names the rows. */
export type ChartTable = {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
}

export type LegendItem = {
  readonly label: string
  /** A theme variable, e.g. `--chart-control`. */
  readonly color: string
  /** What tells it apart besides colour. */
  readonly mark: 'bar' | 'hatched' | 'line' | 'dashed' | 'dot' | 'cross' | 'triangle'
}
