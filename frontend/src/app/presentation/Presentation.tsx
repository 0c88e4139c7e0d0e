import { useEffect, useState } from 'react'
import { CutGrid } from '@/features/grid/CutGrid'
import { cutReadouts, storyOf } from '@/lib/lens'
import { useLens, useLensText } from '@/features/lens/useLens'
import { TokenLines } from '@/features/lens/TokenLines'
import { headName, isHead } from '@/lib/heads'
import { resultLine } from '@/lib/result'
import { scoreLayer } from '@/lib/scores'
import { Boundary } from '@/ui/Boundary'
import { Button } from '@/ui/Button'
import { useMeasurement } from '../useMeasurement'
import { useNextToken } from '../useNextToken'
import { useParting } from '../workspace/useParting'
import { useActions, useWorkspace } from '../WorkspaceContext'
import { Sentences } from './Sentences'

/** Larger type for a room, as long as it is shown. */
function useLargeType() {
  useEffect(() => {
    document.documentElement.dataset['large'] = ''
    return () => {
      delete document.documentElement.dataset['large']
    }
  }, [])
}

const named = 3

function wordsFor(names: readonly string[]): string {
  const rest = names.length - named
  return rest > 0 ? `${names.slice(0, named).join(', ')} and ${rest} more` : names.join(', ')
}

/** For a room: the grid, both sentences and the layer line; the word is guessed before it shows. */
export function Presentation() {
  useLargeType()
  const { present, setCuts } = useActions()
  const asked = useWorkspace((state) => state.asked)
  const { data, isPlaceholderData } = useNextToken()
  const partedAt = useParting(asked)
  const [seen, setSeen] = useState<string | null>(null)
  const question = JSON.stringify([asked.prompt, asked.model, asked.cuts])
  const revealed = seen === question
  const next = data?.next_token ?? null
  return (
    <div className="grid min-h-0 flex-1 gap-3 py-2 lg:grid-cols-[minmax(0,2fr)_minmax(0,3fr)] lg:gap-4 lg:py-0">
      <section
        aria-label="Attention heads"
        className="grid content-start gap-3 overflow-y-auto rounded-xl border border-line bg-surface p-2.5 sm:p-4"
      >
        <Grid />
        <div className="flex flex-wrap gap-2">
          <Button
            onClick={() => setCuts([])}
            disabledReason={asked.cuts.length === 0 && 'Nothing is cut.'}
            className="text-base!"
          >
            Restore all
          </Button>
          <Button look="quiet" onClick={() => present(false)} className="ml-auto text-base!">
            End the presentation
          </Button>
        </div>
      </section>
      <div className="grid content-start gap-6 overflow-y-auto rounded-xl border border-line bg-surface p-4 sm:p-6">
        <Sentences
          prompt={asked.prompt}
          cut={wordsFor(asked.cuts.map(headName))}
          line={next && resultLine(next, asked.cuts.length > 0, partedAt)}
          stale={isPlaceholderData}
          question={question}
          onReveal={setSeen}
          revealed={revealed}
        />
        {revealed && (
          <Boundary name="The layer line">
            <LayerLine />
          </Boundary>
        )}
      </div>
    </div>
  )
}

function Grid() {
  const { setCuts, inspect } = useActions()
  const experiment = useWorkspace((state) => state.experiment)
  const shape = useWorkspace((state) => state.shape)
  const { table, before } = useMeasurement()
  const scores = table ?? before
  return (
    <CutGrid
      shape={shape}
      cuts={experiment.cuts}
      brush={experiment.brush}
      layer={scores && scoreLayer(scores)}
      stale={table === null}
      inspected={null}
      onCutsChange={(cuts, site) => setCuts(cuts, isHead(site) ? { focus: site } : {})}
      onInspect={inspect}
      onPoint={() => undefined}
    />
  )
}

/** From which layer on each answer leads. */
function LayerLine() {
  const asked = useWorkspace((state) => state.asked)
  const [layer, setLayer] = useState<number | null>(null)
  const text = useLensText(asked, null)
  const { data: lens } = useLens(asked, text, text ? [text.promptLength - 1] : [])
  if (!lens) return null
  return (
    <TokenLines
      lens={lens}
      cutLayers={cutReadouts(asked.cuts)}
      partsAt={storyOf(lens, 0).partsAt}
      layer={layer}
      onLayer={setLayer}
    />
  )
}
