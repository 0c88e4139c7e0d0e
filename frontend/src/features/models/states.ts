import type { ModelInfo } from '@/api/types'

/** How much of a download or load is done, 0 to 1; null when unknown. */
export const share = ({ progress }: ModelInfo): number | null =>
  progress && progress.total > 0 ? Math.min(1, progress.done / progress.total) : null

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`

export function stateText(model: ModelInfo): string {
  const { state, progress } = model
  const done = share(model)
  if (done === null || !progress) return state === 'unloaded' ? 'not loaded' : state
  const amount =
    progress.unit === 'bytes'
      ? `${megabytes(progress.done)} of ${megabytes(progress.total)}`
      : `${progress.done} of ${progress.total} ${progress.unit}`
  return `${state}, ${amount}`
}

const millions = (n: number) =>
  n >= 1e9 ? `${(n / 1e9).toFixed(1)} B` : `${Math.round(n / 1e6)} M`

/** One line of what the model is: "12 layers × 12 heads · 124 M parameters · cpu". */
export function sizeText(model: ModelInfo): string {
  return [
    model.n_layers && model.n_heads && `${model.n_layers} layers × ${model.n_heads} heads`,
    model.n_parameters && `${millions(model.n_parameters)} parameters`,
    model.device && model.precision && `${model.device}, ${model.precision}`,
  ]
    .filter(Boolean)
    .join(' · ')
}
