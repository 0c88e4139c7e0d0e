import type { Effect, ParameterValue } from '@/lib/cuts'
import type { Method, MethodParameter } from '@/lib/methods'
import { NumberField } from '@/ui/NumberField'
import { Segmented } from '@/ui/Segmented'

type Change = (effect: Effect, options?: { typing?: boolean }) => void

type Props = { effect: Effect; method: Method; onChange: Change }

const text = (value: ParameterValue | undefined): string =>
  value === undefined ? '' : typeof value === 'string' ? value : value.join('\n')

/** How strongly, and what else the method wants to know. */
export function EffectFields({ effect, method, onChange }: Props) {
  const { strength = 1, parameters = {} } = effect
  const set = (name: string, value: ParameterValue | null): Effect => {
    const others = Object.entries(parameters).filter(([key]) => key !== name)
    const entries = value === null ? others : [...others, [name, value] as const]
    return { ...effect, parameters: Object.fromEntries(entries) }
  }
  return (
    <div className="grid gap-3">
      <div className="grid grid-cols-[1fr_5rem] items-end gap-3">
        <label className="text-xs text-ink-2">
          <span className="mb-1 block">Strength: 0 changes nothing, 1 replaces, 2 overshoots</span>
          <input
            type="range"
            min={0}
            max={2}
            step={0.05}
            value={Math.max(0, strength)}
            onChange={(event) =>
              onChange({ ...effect, strength: Number(event.target.value) }, { typing: true })
            }
            className="h-9 w-full accent-(--cut)"
          />
        </label>
        <NumberField
          label="−2 to 2"
          value={strength}
          min={-2}
          max={2}
          step={0.05}
          onChange={(value) =>
            onChange(
              { ...effect, strength: Math.round((value ?? 1) * 100) / 100 },
              { typing: true },
            )
          }
        />
      </div>
      {method.parameters.map((parameter) => (
        <Parameter
          key={parameter.name}
          parameter={parameter}
          value={parameters[parameter.name]}
          onChange={(value, options) => onChange(set(parameter.name, value), options)}
        />
      ))}
    </div>
  )
}

type ParameterProps = {
  parameter: MethodParameter
  value: ParameterValue | undefined
  onChange: (value: ParameterValue | null, options?: { typing?: boolean }) => void
}

/** One of a method's own settings, as the server describes it. */
function Parameter({ parameter, value, onChange }: ParameterProps) {
  const { title, meaning, kind, choices, default: standard } = parameter
  if (kind === 'choice') {
    return (
      <div className="text-xs text-ink-2">
        <p className="mb-1">
          {title}: <span className="text-ink-3">{meaning}</span>
        </p>
        <Segmented
          label={title}
          options={(choices ?? []).map((id) => ({ id, label: id }))}
          value={text(value) || (standard ?? '')}
          onChange={(id) => onChange(id === standard ? null : id)}
        />
      </div>
    )
  }
  const many = kind === 'prompts'
  return (
    <label className="text-xs text-ink-2">
      {title}
      {many && ', one a line'}: <span className="text-ink-3">{meaning}</span>
      <textarea
        value={text(value)}
        rows={many ? 3 : 2}
        spellCheck={false}
        onChange={(event) => {
          const written = event.target.value
          const next = many ? written.split('\n') : written
          onChange(written === '' ? null : next, { typing: true })
        }}
        className="mt-1 block w-full rounded-md border border-line-strong bg-surface px-2.5 py-1.5 font-mono text-xs text-ink"
      />
    </label>
  )
}
