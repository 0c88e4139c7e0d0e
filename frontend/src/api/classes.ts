/** Classroom links: what the page asks about them, and how it changes them. */

import { queryOptions } from '@tanstack/react-query'
import { jsonBody, request } from './client'
import type { ClassAnswers, ClassLink, NewAnswer, NewClass, SavedReceipt } from './types'

const classAt = (id: string, rest = '') => `/classes/${encodeURIComponent(id)}${rest}`

const withKey = (key: string): RequestInit => ({ headers: { 'X-Experiment-Key': key } })

async function answerOf<T>(path: string, init: RequestInit): Promise<T> {
  return (await request(path, init)).json() as Promise<T>
}

export const makeClass = (body: NewClass) => answerOf<SavedReceipt>('/classes', jsonBody(body))

/** Tells that this browser has opened it. */
export const countOpening = (id: string) => request(classAt(id, '/openings'), { method: 'POST' })

export const handIn = (id: string, body: NewAnswer) =>
  answerOf<SavedReceipt>(classAt(id, '/answers'), jsonBody(body))

export const closeClass = (id: string, key: string, closed: boolean) =>
  answerOf<ClassLink>(classAt(id, closed ? '/close' : '/reopen'), {
    method: 'POST',
    ...withKey(key),
  })

export const deleteAnswer = (id: string, key: string, answer: string) =>
  request(classAt(id, `/answers/${encodeURIComponent(answer)}`), {
    method: 'DELETE',
    ...withKey(key),
  })

/** What a class is asked. */
export const classQuery = (id: string) =>
  queryOptions({
    queryKey: ['class', id],
    queryFn: ({ signal }) => answerOf<ClassLink>(classAt(id), { signal }),
  })

/** Milliseconds between two looks at what has been handed in. */
const pause = 4000

/** How many have opened a class, and what they handed in, for whoever has its key. */
export const answersQuery = (id: string, key: string) =>
  queryOptions({
    queryKey: ['class answers', id, key],
    queryFn: ({ signal }) =>
      answerOf<ClassAnswers>(classAt(id, '/answers'), { signal, ...withKey(key) }),
    staleTime: 0,
    // What was refused once is refused again.
    refetchInterval: ({ state }) => (state.status === 'error' ? false : pause),
  })
