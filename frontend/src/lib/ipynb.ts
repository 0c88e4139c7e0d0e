/** A script as a Jupyter notebook, in the format that every notebook reads. */

type Cell =
  | { cell_type: 'markdown'; id: string; metadata: object; source: string[] }
  | {
      cell_type: 'code'
      id: string
      metadata: object
      source: string[]
      execution_count: null
      outputs: []
    }

/** nbformat keeps texts as lines, each with its end. */
const linesOf = (text: string) => text.match(/[^\n]*\n|[^\n]+$/g) ?? []

const HEADING = /^"""([^]*?)"""\n+/

/** Its heading as text, then a cell for what stands together; Python's formatters part it so. */
export function ipynbOf(script: string): string {
  const heading = HEADING.exec(script)
  const [title = '', ...rest] = (heading?.[1] ?? '').trim().split('\n')
  const code = script.slice(heading?.[0].length ?? 0).trim()
  const cells: Cell[] = code.split(/\n{3,}/).map((source, i) => ({
    cell_type: 'code',
    id: `code-${i}`,
    metadata: {},
    source: linesOf(source),
    execution_count: null,
    outputs: [],
  }))
  if (heading) {
    const text = `# ${title}\n${rest.join('  \n')}`.trim()
    cells.unshift({ cell_type: 'markdown', id: 'heading', metadata: {}, source: linesOf(text) })
  }
  const metadata = {
    kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' },
    language_info: { name: 'python' },
  }
  return `${JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }, null, 1)}\n`
}
