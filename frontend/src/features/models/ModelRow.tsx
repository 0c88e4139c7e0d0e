import type { ModelInfo } from '@/api/types'
import { Button } from '@/ui/Button'
import { cx } from '@/ui/cx'
import { StateDot } from './StateDot'
import { share, sizeText, stateText } from './states'

type Props = { model: ModelInfo; isCurrent: boolean; onChoose: () => void; onLoad: () => void }

export function ModelRow({ model, isCurrent, onChoose, onLoad }: Props) {
  const { state, reason } = model
  const done = share(model)
  const isOnItsWay = state === 'downloading' || state === 'loading'
  return (
    <li className={cx('rounded-md px-3 py-2', isCurrent && 'bg-sunken')}>
      <div className="flex items-center gap-2">
        <StateDot state={state} />
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">{model.title}</span>
          <span className="tabular block text-xs text-ink-3">{stateText(model)}</span>
        </span>
        {state === 'ready' && (
          <Button
            size="small"
            onClick={onChoose}
            disabledReason={isCurrent && 'This model answers already.'}
            aria-label={`Use ${model.title}`}
          >
            {isCurrent ? 'In use' : 'Use'}
          </Button>
        )}
        {(state === 'unloaded' || state === 'unavailable') && (
          <Button
            size="small"
            onClick={onLoad}
            aria-label={`${state === 'unloaded' ? 'Load' : 'Retry'} ${model.title}`}
          >
            {state === 'unloaded' ? 'Load' : 'Retry'}
          </Button>
        )}
      </div>
      {isOnItsWay && (
        <progress
          aria-label={`${model.title}, ${state}`}
          max={1}
          value={done ?? undefined}
          className="mt-2 h-1.5 w-full"
        />
      )}
      {reason && <p className="mt-1 text-xs text-pretty text-ablated">{reason}</p>}
      {model.precision === 'bfloat16' && (
        <p className="mt-1 text-xs text-pretty text-warn">
          Runs in bfloat16: faster, but divergences are off by some percent, and the order of heads
          that hardly matter is noise. Use float32 for figures.
        </p>
      )}
      {sizeText(model) && <p className="mt-0.5 text-xs text-ink-3">{sizeText(model)}</p>}
    </li>
  )
}
