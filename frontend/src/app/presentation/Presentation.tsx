import { useEffect, useRef, useState } from 'react'
import { CutGrid } from '@/features/grid/CutGrid'
import { headName, isHead } from '@/lib/heads'
import { resultLine } from '@/lib/result'
import { scoreLayer } from '@/lib/scores'
import { Boundary } from '@/ui/Boundary'
import { Button } from '@/ui/Button'
import { useMeasurement } from '../useMeasurement'
import { useNextToken } from '../useNextToken'
import { useParting } from '../workspace/useParting'
import { useActions, useWorkspace } from '../WorkspaceContext'
import { Guess } from './Guess'
import { LayerLine } from './LayerLine'
import { Sentences } from './Sentences'

/** Larger type for a room, as long as it is shown; who works by keyboard begins in it. */
function useRoom() {
  const room = useRef<HTMLDivElement>(null)
  useEffect(() => {
    document.documentElement.dataset['large'] = ''
    room.current?.focus()
    return () => {
      delete document.documentElement.dataset['large']
    }
  }, [])
  return room
}

/** What the room has seen: the answer to this question, and the intact one for this prompt. */
function useSeen(prompt: string, question: string) {
  const [seen, setSeen] = useState({ prompt: '', question: '' })
  return {
    isRevealed: seen.question === question,
    // It is no secret any more once it has been seen, whatever is cut then.
    isIntactKnown: seen.prompt === prompt,
    reveal: () => setSeen({ prompt, question }),
  }
}

const named = 3

function wordsFor(names: readonly string[]): string {
  const rest = names.length - named
  return rest > 0 ? `${names.slice(0, named).join(', ')} and ${rest} more` : names.join(', ')
}

/** For a room: the grid, both sentences and the layer line; the word is guessed before it shows. */
export function Presentation() {
  const room = useRoom()
  const asked = useWorkspace((state) => state.asked)
  const { data, isPlaceholderData: isStale } = useNextToken()
  const partedAt = useParting(asked)
  const question = JSON.stringify([asked.prompt, asked.model, asked.cuts])
  const { isRevealed, isIntactKnown, reveal } = useSeen(asked.prompt, question)
  const next = data?.next_token ?? null
  const line = next && resultLine(next, asked.cuts.length > 0, partedAt)
  const isCut = line?.cut != null
  return (
    <div
      ref={room}
      tabIndex={-1}
      className="grid min-h-0 flex-1 gap-3 py-2 outline-none lg:grid-cols-2 lg:grid-rows-[minmax(0,1fr)] lg:py-0 lg:pt-3"
    >
      <h1 className="sr-only">Attention Surgery, for a room</h1>
      <Heads />
      <div className="flex flex-col gap-4 overflow-y-auto rounded-xl border border-line bg-surface p-4">
        <Sentences
          prompt={asked.prompt}
          cut={wordsFor(asked.cuts.map(headName))}
          line={line}
          shows={{
            intact: (isRevealed || (isCut && isIntactKnown)) && !(isStale && !isCut),
            cut: isRevealed && !isStale,
          }}
        />
        {isRevealed ? (
          <Boundary name="The layer line">
            <LayerLine />
          </Boundary>
        ) : (
          <Guess
            cut={isCut}
            blocked={line ? null : 'The model has not answered yet.'}
            onReveal={reveal}
          />
        )}
      </div>
    </div>
  )
}

/** The grid under the scalpel, as large as there is room. */
function Heads() {
  const { setCuts, inspect, present } = useActions()
  const experiment = useWorkspace((state) => state.experiment)
  const shape = useWorkspace((state) => state.shape)
  const { table, before } = useMeasurement()
  const scores = table ?? before
  return (
    <section
      aria-label="Attention heads"
      className="flex min-h-0 min-w-0 flex-col gap-3 rounded-xl border border-line bg-surface p-2.5 sm:p-4"
    >
      <div className="min-h-0 lg:flex-1">
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
      </div>
      <div className="flex flex-wrap gap-2">
        <Button
          onClick={() => setCuts([])}
          disabledReason={experiment.cuts.length === 0 && 'Nothing is cut.'}
        >
          Restore all
        </Button>
        <Button look="quiet" onClick={() => present(false)} className="ml-auto">
          End the presentation
        </Button>
      </div>
    </section>
  )
}
