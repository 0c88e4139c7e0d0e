import {
  DIRECTIONS,
  HEAD_COMPONENTS,
  LAYER_COMPONENTS,
  PATCH_METRICS,
  type Component,
  type Direction,
  type Patch,
} from '@/lib/patch'
import { METRIC_NAMES } from '@/lib/scores'
import { Segmented } from '@/ui/Segmented'
import { Term } from '@/ui/Term'

type Props = { patch: Patch; onUpdate: (patch: Partial<Patch>) => void }

const COMPONENT_NAMES: Readonly<Record<Component, { label: string; title: string }>> = {
  z: { label: 'z', title: 'What the head gathered: values weighted by its pattern' },
  q: { label: 'q', title: 'Queries: what the head looks for' },
  k: { label: 'k', title: 'Keys: what tokens are found by' },
  v: { label: 'v', title: 'Values: what tokens pass on' },
  pattern: { label: 'pattern', title: 'Where the head looks' },
  attn_out: { label: 'attn out', title: 'What all heads of a layer write' },
  mlp_out: { label: 'MLP out', title: 'What the MLP of a layer writes' },
  resid_pre: { label: 'resid pre', title: 'The running sum before a layer' },
}

const DIRECTION_NAMES: Readonly<Record<Direction, { label: string; title: string }>> = {
  denoise: { label: 'restore', title: 'Clean activations into the corrupt run (denoising)' },
  noise: { label: 'destroy', title: 'Corrupt activations into the clean run (noising)' },
}

const option =
  <Id extends string>(names: Readonly<Record<Id, { label: string; title: string }>>) =>
  (id: Id) => ({ id, ...names[id] })

const components = option(COMPONENT_NAMES)

/** What is patched, which way, and by what it is measured. */
export function PatchingControls({ patch, onUpdate }: Props) {
  const choose = (component: Component) => onUpdate({ component })
  const row = 'flex flex-wrap items-center gap-x-2 gap-y-1'
  const name = 'flex w-14 gap-1 text-xs text-ink-2'
  return (
    <div className="grid min-w-0 gap-1.5">
      <div className={row}>
        <p className={name}>
          Patch <Term id="component">?</Term>
        </p>
        <Segmented
          label="Component of heads"
          value={patch.component}
          onChange={choose}
          options={HEAD_COMPONENTS.map(components)}
        />
        <Segmented
          label="Component of layers"
          value={patch.component}
          onChange={choose}
          options={LAYER_COMPONENTS.map(components)}
        />
      </div>
      <div className={row}>
        <p className={name}>
          to <Term id="denoise">?</Term>
        </p>
        <Segmented
          label="Direction"
          value={patch.direction}
          onChange={(direction) => onUpdate({ direction })}
          options={DIRECTIONS.map(option(DIRECTION_NAMES))}
        />
        <label className="flex items-center gap-2 text-xs text-ink-2">
          the
          <select
            aria-label="Metric"
            value={patch.metric}
            onChange={(event) => onUpdate({ metric: event.target.value as Patch['metric'] })}
            className="h-8 rounded-md border border-line-strong bg-surface px-1.5 text-xs text-ink pointer-coarse:h-11"
          >
            {PATCH_METRICS.map((id) => (
              <option key={id} value={id}>
                {METRIC_NAMES[id]}
              </option>
            ))}
          </select>
        </label>
      </div>
    </div>
  )
}
