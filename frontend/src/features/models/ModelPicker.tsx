import type { ModelInfo, ModelsResponse } from '@/api/types'
import { Popup } from '@/ui/Popup'
import { ModelRow } from './ModelRow'
import { StateDot } from './StateDot'
import { stateText } from './states'

type Props = {
  models: ModelsResponse
  current: ModelInfo | null
  onChoose: (name: string) => void
  onLoad: (name: string) => void
}

/** Which model answers; the others with their states, and what can be done about them. */
export function ModelPicker({ models, current, onChoose, onLoad }: Props) {
  return (
    <Popup
      name={current ? `Model: ${current.title}, ${stateText(current)}` : 'Model: none yet'}
      label={
        <>
          {current && <StateDot state={current.state} />}
          <span className="min-w-0 truncate">{current?.title ?? 'No model yet'}</span>
          {current && (
            <span className="hidden text-ink-3 sm:inline lg:max-xl:hidden">
              {stateText(current)}
            </span>
          )}
        </>
      }
      align="start"
    >
      {(close) => (
        <ul aria-label="Models" className="w-80 max-w-full">
          {models.models.map((model) => (
            <ModelRow
              key={model.name}
              model={model}
              isCurrent={model.name === current?.name}
              onChoose={() => {
                close()
                onChoose(model.name)
              }}
              onLoad={() => onLoad(model.name)}
            />
          ))}
        </ul>
      )}
    </Popup>
  )
}
