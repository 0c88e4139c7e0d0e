import { useQueries } from '@tanstack/react-query'
import { patchingStream } from '@/api/queries'
import { patchingBodyOf, type PairQuestion } from '@/api/requests'
import { streamOptions } from '@/api/streamQuery'
import { HEAD_COMPONENTS, type Direction } from '@/lib/patch'

type Props = { question: PairQuestion; direction: Direction }

const nothing = () => null

/**
 * Asks for the patches of every component of heads, so that a press on another shows them at once. What is
 * not there when this goes away is asked for no more, unless somebody looks at it.
 */
export function Ahead({ question, direction }: Props) {
  useQueries({
    queries: HEAD_COMPONENTS.map((component) =>
      streamOptions(
        patchingStream(patchingBodyOf(question, { component, direction }, { estimate: true })),
      ),
    ),
    combine: nothing,
  })
  return null
}
