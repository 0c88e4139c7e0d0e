import { Boundary } from '@/ui/Boundary'
import { EmptyNote } from '@/ui/EmptyNote'
import { Panel } from '@/ui/Panel'
import { Compare } from './Compare'

/** As many stand beside each other on a wide screen. */
export const MOST_COMPARED = 4

/** Two to four saved experiments, held against each other. */
export function SideBySide({ ids }: { ids: readonly string[] }) {
  return (
    <Panel title="Side by side">
      {ids.length < 2 ? (
        <EmptyNote>
          Choose two to {MOST_COMPARED} experiments: their texts, measures and grids stand here
          beside each other.
        </EmptyNote>
      ) : (
        <Boundary key={ids.join()} name="The comparison">
          <Compare ids={ids} />
        </Boundary>
      )}
    </Panel>
  )
}
