import { skipToken, useQuery } from '@tanstack/react-query'
import { nextTokenQuery } from '@/api/queries'
import { nextTokenBodyOf } from '@/api/requests'
import { useReading } from './useReading'
import { useWorkspace } from './WorkspaceContext'

/** The distribution right after the prompt, asked at each change; the one before stays meanwhile. */
export function useNextToken() {
  const asked = useWorkspace((state) => state.asked)
  const { unreadable } = useReading()
  const options = nextTokenQuery(nextTokenBodyOf(asked))
  return useQuery({
    ...options,
    queryFn: unreadable === null ? (options.queryFn ?? skipToken) : skipToken,
  })
}
