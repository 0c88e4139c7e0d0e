import { Link } from '@tanstack/react-router'
import type { TaskItems } from '@/api/types'
import { effectOn, everythingBut } from '@/lib/everythingBut'
import { DEFAULT_EXPERIMENT } from '@/lib/experiment'
import { methodNamed } from '@/lib/methods'
import { encode } from '@/lib/url'
import type { Circuit } from './useCircuit'

type Item = TaskItems['items'][number]

/** The address of an item in the Prompt view with every head outside the circuit cut. */
export function promptSearch(
  { question, heads, shape, methods, preview, model }: Circuit,
  item: Item,
) {
  const method = methodNamed(methods, question.method)
  const effect = method && effectOn(method, item, preview.data?.items ?? [])
  if (!effect) return null
  return encode(
    {
      ...DEFAULT_EXPERIMENT,
      prompt: item.prompt,
      cuts: everythingBut(heads, shape, effect),
      brush: { method: 'zero' },
      score: 'none',
      model: model?.name ?? null,
      answer: item.answer,
      foil: item.foil,
      maxNewTokens: 5,
    },
    methods,
  )
}

/** The way to the Prompt view, where the circuit is all that is left of the model. */
export function EverythingBut({ circuit }: { circuit: Circuit }) {
  const item = circuit.preview.data?.items[0]
  const search = item && circuit.heads.length > 0 ? promptSearch(circuit, item) : null
  if (!search) return null
  return (
    <p className="text-xs text-pretty text-ink-3">
      <Link
        to="/"
        search={search}
        className="text-sm text-ink underline underline-offset-2 hover:no-underline pointer-coarse:py-3"
      >
        Cut everything but the circuit
      </Link>{' '}
      opens the first item in the Prompt view; the tab Items has the others.
    </p>
  )
}
