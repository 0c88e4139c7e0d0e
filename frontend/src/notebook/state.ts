import { useMemo, useState } from 'react'
import { cutsOf } from '@/features/prompt/example'
import { ablationOf } from '@/api/requests'
import type { Ablation } from '@/api/types'
import type { Cuts } from '@/lib/cuts'
import type { GridShape } from '@/lib/heads'
import type { Methods } from '@/lib/methods'
import { useAsk, useTrait } from './host'

/** What stays the same as long as a part is there. */
export type Fixed = { readonly part: string; readonly shape: GridShape; readonly methods: Methods }

type State<Answer> = {
  readonly ablations: readonly Ablation[]
  readonly answer: Answer
  /** Why what was asked last cannot be done; the rest is of before. */
  readonly refusal: string | null
}

type Changes = Readonly<Record<string, unknown>>

/** What a part shows, and how it asks for something else. */
export function usePart<Answer, Looked extends object = object>() {
  const fixed = useTrait<Fixed>('_fixed')
  const state = useTrait<State<Answer> & Looked>('_state')
  const send = useAsk()
  const known = useMemo(() => cutsOf(state), [state])
  /** What was asked last, and what the kernel said before; it answers with a state of its own. */
  const [asked, setAsked] = useState<{ of: unknown; cuts: Cuts | null } | null>(null)
  const waits = asked?.of === state
  const ask = (changes: Changes, cuts: Cuts | null = null) => {
    setAsked({ of: state, cuts })
    send(changes)
  }
  return {
    ...fixed,
    ...state,
    /** As the kernel has them; until it has answered, as they were asked for. */
    cuts: (waits && asked.cuts) || known,
    /** The kernel has not answered yet. */
    stale: waits,
    ask: (changes: Changes) => ask(changes),
    cut: (cuts: Cuts) => ask({ ablations: cuts.map(ablationOf) }, cuts),
  }
}
