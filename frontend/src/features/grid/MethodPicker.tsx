import type { Effect } from '@/lib/cuts'
import { lacks, methodNamed, type Methods } from '@/lib/methods'
import { Hint } from '@/ui/Hint'
import { MethodMark } from '@/ui/MethodMark'
import { Popup } from '@/ui/Popup'
import { Parameters, Strength } from './EffectFields'

type Props = {
  brush: Effect
  methods: Methods
  onChange: (brush: Effect, options?: { typing?: boolean }) => void
}

/** What the next cut does: by which method, how strongly, with what. */
export function MethodPicker({ brush, methods, onChange }: Props) {
  const method = methodNamed(methods, brush.method)
  const missing = lacks(methods, brush)
  const needed = method?.parameters.filter((parameter) => parameter.default == null) ?? []
  const optional = method?.parameters.filter((parameter) => parameter.default != null) ?? []
  return (
    <div className="grid min-w-0 gap-1.5">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1 @max-sm:gap-x-1.5">
        <p className="flex w-16 gap-1 text-xs text-ink-2 @max-sm:w-auto">
          Cut by{' '}
          {method && (
            <Hint
              content={
                <>
                  <span className="mb-1 block font-semibold text-ink">{method.title}</span>
                  <span className="block leading-relaxed">{method.meaning}</span>
                </>
              }
              trigger={
                <button
                  type="button"
                  aria-label={`What is ${method.title}?`}
                  className="cursor-help rounded-sm underline decoration-line-strong decoration-dotted underline-offset-3 hover:decoration-ink"
                />
              }
            >
              ?
            </Hint>
          )}
        </p>
        <span
          aria-hidden
          className="grid size-4 place-items-center rounded-[3px] bg-cut text-on-cut"
        >
          <MethodMark method={brush.method} />
        </span>
        <select
          aria-label="Cut by"
          value={brush.method}
          onChange={(event) => onChange({ method: event.target.value })}
          className="h-8 rounded-md border border-line-strong bg-surface px-1.5 text-xs text-ink @max-sm:max-w-24 @max-sm:px-1 pointer-coarse:h-11"
        >
          {methods.map(({ name, title }) => (
            <option key={name} value={name} title={title}>
              {name}
            </option>
          ))}
        </select>
        <Strength effect={brush} onChange={onChange} compact />
        {method && optional.length > 0 && (
          <Popup look="quiet" label="⋯" name={`More about how ${method.name} cuts`}>
            {() => (
              <div className="w-72 max-w-full p-2">
                <Parameters effect={brush} parameters={optional} onChange={onChange} />
              </div>
            )}
          </Popup>
        )}
      </div>
      {needed.length > 0 && <Parameters effect={brush} parameters={needed} onChange={onChange} />}
      {missing && (
        <p role="status" className="text-xs text-warn">
          {missing}
        </p>
      )}
    </div>
  )
}
