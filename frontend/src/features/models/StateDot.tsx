import type { ModelInfo } from '@/api/types'
import { cx } from '@/ui/cx'

const looks: Record<ModelInfo['state'], string> = {
  ready: 'rounded-full bg-good',
  downloading: 'animate-pulse rounded-full border-2 border-control',
  loading: 'animate-pulse rounded-full border-2 border-control',
  unloaded: 'rounded-full border-2 border-line-strong',
  unavailable: 'rotate-45 bg-cut',
}

/** A state by shape and colour; the word always stands beside it. */
export const StateDot = ({ state }: Pick<ModelInfo, 'state'>) => (
  <span aria-hidden className={cx('size-2.5 shrink-0', looks[state])} />
)
