/** What the Evidence view asks about runs. */

import { keepPreviousData, queryOptions, skipToken } from '@tanstack/react-query'
import {
  getHeadItems,
  getResults,
  getRuns,
  getTask,
  getTasks,
  readTask,
  type TaskQuestion,
} from '@/api/client'
import type { Run, WrittenTask } from '@/api/types'
import { isUnfinished } from '@/lib/evidence'
import type { Head } from '@/lib/heads'

/** The tasks there are. */
export const tasksQuery = () =>
  queryOptions({
    queryKey: ['tasks'],
    queryFn: ({ signal }) => getTasks(signal),
    staleTime: Infinity,
  })

/** The first items of a task, and how well the model does on them. */
export const taskQuery = (question: TaskQuestion | null) =>
  queryOptions({
    queryKey: ['task', question],
    queryFn: question === null ? skipToken : ({ signal }) => getTask(question, signal),
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  })

/** The items of a file, how well the model does on them, and what cannot be used. */
export const fileQuery = (file: WrittenTask | null) =>
  queryOptions({
    queryKey: ['task file', file],
    queryFn: file === null ? skipToken : ({ signal }) => readTask(file, signal),
    staleTime: Infinity,
  })

/** Milliseconds between two looks at a run that goes on: its means and intervals are worked out anew. */
const LOOK = 1500

const whileUnfinished = (runs: readonly Run[] | undefined) =>
  runs?.some(isUnfinished) ? LOOK : false

export const runsQuery = () =>
  queryOptions({
    queryKey: ['runs'],
    queryFn: ({ signal }) => getRuns(signal),
    refetchInterval: ({ state }) => whileUnfinished(state.data?.runs),
  })

/** A run and what it has found so far. */
export const resultsQuery = (id: string | null) =>
  queryOptions({
    queryKey: ['run', id, 'results'],
    queryFn: id === null ? skipToken : ({ signal }) => getResults(id, signal),
    refetchInterval: ({ state }) => whileUnfinished(state.data && [state.data.run]),
    // What a run that has ended found does not change.
    staleTime: ({ state }) => (state.data && !isUnfinished(state.data.run) ? Infinity : 0),
  })

/** A head's number on each item; `done` items are known. */
export const headItemsQuery = (id: string | null, head: Head | null, done: number) =>
  queryOptions({
    queryKey: ['run', id, 'head', head, done],
    queryFn:
      id === null || head === null || done === 0
        ? skipToken
        : ({ signal }) => getHeadItems(id, head.layer, head.head, signal),
    staleTime: Infinity,
    placeholderData: (before, query) =>
      JSON.stringify(query?.queryKey.slice(0, 4)) === JSON.stringify(['run', id, 'head', head])
        ? before
        : undefined,
  })
