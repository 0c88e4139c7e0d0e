import { tellEffect, type Effect } from '@/lib/cuts'
import { lacks, methodNamed, type Methods } from '@/lib/methods'
import { Hint } from '@/ui/Hint'
import { MethodMark } from '@/ui/MethodMark'
import { Segmented } from '@/ui/Segmented'
import { EffectFields } from './EffectFields'

type Props = {
  brush: Effect
  methods: Methods
  onChange: (brush: Effect, options?: { typing?: boolean }) => void
}

/** What the next cut does. */
export function MethodPicker({ brush, methods, onChange }: Props) {
  const method = methodNamed(methods, brush.method)
  const missing = lacks(methods, brush)
  const isPlain = tellEffect(brush) === brush.method && !brush.parameters
  return (
    <div className="min-w-0">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <p className="flex w-16 gap-1 text-xs text-ink-2">
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
        <Segmented
          label="Ablate with"
          value={brush.method}
          onChange={(name) => onChange({ method: name })}
          options={methods.map(({ name, meaning }) => ({
            id: name,
            title: meaning,
            label: (
              <>
                <span className="grid size-4 place-items-center rounded-[3px] bg-cut text-on-cut">
                  <MethodMark method={name} />
                </span>
                {name}
              </>
            ),
          }))}
        />
      </div>
      {method && (
        <details
          className="group mt-1.5 text-xs"
          open={missing !== null || undefined}
          key={brush.method}
        >
          <summary className="inline-flex min-h-6 list-none items-center gap-1.5 rounded text-ink-3 hover:text-ink pointer-coarse:min-h-11 [&::-webkit-details-marker]:hidden">
            <span aria-hidden className="text-xs transition-transform group-open:rotate-90">
              ▸
            </span>
            {isPlain ? 'fully, at every position' : tellEffect(brush)}
          </summary>
          <div className="mt-2 max-w-md">
            <EffectFields effect={brush} method={method} onChange={onChange} />
          </div>
        </details>
      )}
      {missing && (
        <p role="status" className="mt-1 text-xs text-warn">
          {missing}
        </p>
      )}
    </div>
  )
}
