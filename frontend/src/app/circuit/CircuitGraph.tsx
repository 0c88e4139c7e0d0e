import { GraphFigure } from '@/features/circuit/GraphFigure'
import { toggled } from '@/lib/circuit'
import { headName, sameHead } from '@/lib/heads'
import { Button } from '@/ui/Button'
import { AnalysisFiles } from '../patch/AnalysisFiles'
import { StreamStatus } from '../patch/StreamStatus'
import { circuitFormats, edgesCsv, wholeFile, type CircuitFile } from './files'
import type { Circuit } from './useCircuit'

/** The circuit as a graph, with what takes a head out and what takes the graph along. */
export function CircuitGraph({ circuit }: { circuit: Circuit }) {
  const { question, heads, measures, update } = circuit
  const { edges, now, full, paths, unit } = measures
  const { focus } = question
  const isIn = focus !== null && heads.some((head) => sameHead(head, focus))
  // Heads and paths of one moment: those of before stay until the new ones are there.
  const shown = edges ? heads : []
  const file: CircuitFile | null =
    full.result && now.edges && paths.result
      ? { test: full.result, edges: now.edges, ofPaths: paths.result }
      : null
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <GraphFigure
        heads={shown}
        edges={edges?.edges ?? []}
        items={edges?.items ?? 0}
        unit={unit}
        superfluous={now.minimality?.superfluous ?? []}
        focus={focus}
        state={
          paths.error
            ? { kind: 'error', error: paths.error, onRetry: paths.again }
            : edges
              ? { kind: 'ready', stale: now.edges === null }
              : { kind: 'loading' }
        }
        onFocus={(next) => update({ focus: next })}
        status={
          <>
            {isIn && (
              <span>
                <Button
                  size="small"
                  onClick={() =>
                    update({ heads: toggled(heads, [focus]), focus: null }, { push: true })
                  }
                >
                  Take {headName(focus)} out
                </Button>
              </span>
            )}
            <StreamStatus view={paths} share={paths.partial?.done ?? null} what="paths" />
          </>
        }
      />
      <AnalysisFiles
        name="Circuit paths"
        result={file && wholeFile(file)}
        csv={file && (() => edgesCsv(file.edges))}
        more={circuitFormats(file)}
      />
    </div>
  )
}
