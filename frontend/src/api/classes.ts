/** Classroom links: what the page asks about them, and how it changes them. */

import { queryOptions } from '@tanstack/react-query'
import { answer, server, whole } from './server'
import type { ClassAnswers, ClassLink, NewAnswer, NewClass, SavedReceipt } from './types'

const of = (classroom: string) => ({ path: { classroom } })

const withKey = (key: string) => ({ header: { 'X-Experiment-Key': key } })

export const makeClass = (body: NewClass): Promise<SavedReceipt> =>
  answer(server.POST('/classes', { body: whole(body) }))

/** Tells that this browser has opened it. */
export const countOpening = (id: string) =>
  answer(server.POST('/classes/{classroom}/openings', { params: of(id) }))

export const handIn = (id: string, body: NewAnswer): Promise<SavedReceipt> =>
  answer(server.POST('/classes/{classroom}/answers', { params: of(id), body: whole(body) }))

export const closeClass = (id: string, key: string, closed: boolean): Promise<ClassLink> =>
  answer(
    server.POST(closed ? '/classes/{classroom}/close' : '/classes/{classroom}/reopen', {
      params: { ...of(id), ...withKey(key) },
    }),
  )

export const deleteAnswer = (id: string, key: string, one: string) =>
  answer(
    server.DELETE('/classes/{classroom}/answers/{answer}', {
      params: { path: { classroom: id, answer: one }, ...withKey(key) },
    }),
  )

/** What a class is asked. */
export const classQuery = (id: string) =>
  queryOptions({
    queryKey: ['class', id],
    queryFn: ({ signal }): Promise<ClassLink> =>
      answer(server.GET('/classes/{classroom}', { params: of(id), signal })),
  })

/** Milliseconds between two looks at what has been handed in. */
const pause = 4000

/** How many have opened a class, and what they handed in, for whoever has its key. */
export const answersQuery = (id: string, key: string) =>
  queryOptions({
    queryKey: ['class answers', id, key],
    queryFn: ({ signal }): Promise<ClassAnswers> =>
      answer(
        server.GET('/classes/{classroom}/answers', {
          params: { ...of(id), ...withKey(key) },
          signal,
        }),
      ),
    staleTime: 0,
    // What was refused once is refused again.
    refetchInterval: ({ state }) => (state.status === 'error' ? false : pause),
  })
