import type { InferResponse } from '@/api/types'

type Props = { prompt: string; run: InferResponse | null }

/** Both texts of a saved run, the new part of each marked. */
export function SavedTexts({ prompt, run }: Props) {
  return (
    <dl className="grid gap-2 text-sm">
      <Text name="control" look="text-control" prompt={prompt} text={run?.control.text ?? null} />
      <Text name="ablated" look="text-ablated" prompt={prompt} text={run?.ablated.text ?? null} />
    </dl>
  )
}

type TextProps = { name: string; look: string; prompt: string; text: string | null }

function Text({ name, look, prompt, text }: TextProps) {
  return (
    <div>
      <dt className={`text-xs font-semibold ${look}`}>{name}</dt>
      <dd className="max-h-40 overflow-y-auto leading-relaxed wrap-anywhere whitespace-pre-wrap">
        <span className="text-ink-3">{prompt}</span>
        {text === null ? (
          <span className="text-ink-3"> (no text was saved)</span>
        ) : (
          <span className="text-ink">{text}</span>
        )}
      </dd>
    </div>
  )
}
