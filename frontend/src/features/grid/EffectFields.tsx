import type { Effect, ParameterValue } from '@/lib/cuts'
import type { MethodParameter } from '@/lib/methods'
import { NumberField } from '@/ui/NumberField'
import { Segmented } from '@/ui/Segmented'

type Change = (effect: Effect, options?: { typing?: boolean }) => void

type Props = { effect: Effect; onChange: Change }

const text = (value: ParameterValue | undefined): string =>
  value === undefined ? '' : typeof value === 'string' ? value : value.join('\n')

const rounded = (strength: number) => Math.round(strength * 100) / 100

/** How far a cut goes: a dial from 0 to 2, and a number for what lies below. */
export function Strength({ effect, onChange, compact = false }: Props & { compact?: boolean }) {
  const { strength = 1 } = effect
  const set = (value: number) => onChange({ ...effect, strength: rounded(value) }, { typing: true })
  return (
    <div className="flex min-w-0 items-center gap-2 text-xs text-ink-2 @max-sm:gap-1.5">
      <input
        type="range"
        aria-label="Strength"
        title="0 changes nothing, 1 replaces, 2 overshoots"
        min={0}
        max={2}
        step={0.05}
        value={Math.max(0, strength)}
        onChange={(event) => set(Number(event.target.value))}
        className={
          compact ? 'w-14 min-w-0 accent-(--cut) @max-sm:w-12' : 'w-40 min-w-0 accent-(--cut)'
        }
      />
      <span className="w-16 @max-sm:w-14">
        <NumberField
          label={<span className="sr-only">Strength, −2 to 2</span>}
          value={strength}
          min={-2}
          max={2}
          step={0.05}
          onChange={(value) => set(value ?? 1)}
        />
      </span>
    </div>
  )
}

type ListProps = Props & { parameters: readonly MethodParameter[] }

/** What else a method wants to know. */
export function Parameters({ effect, parameters, onChange }: ListProps) {
  const values = effect.parameters ?? {}
  const set = (name: string, value: ParameterValue | null): Effect => {
    const others = Object.entries(values).filter(([key]) => key !== name)
    const entries = value === null ? others : [...others, [name, value] as const]
    return { ...effect, parameters: Object.fromEntries(entries) }
  }
  return (
    <div className="grid gap-3">
      {parameters.map((parameter) => (
        <Parameter
          key={parameter.name}
          parameter={parameter}
          value={values[parameter.name]}
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
