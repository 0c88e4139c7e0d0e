import { useState } from 'react'
import type { Token } from '@/api/types'
import { effectOf, type Cut, type Effect } from '@/lib/cuts'
import { headName } from '@/lib/heads'
import { lacks, methodNamed, worksOn, type Methods } from '@/lib/methods'
import { Parameters, Strength } from './EffectFields'
import { PositionPicker } from './PositionPicker'

type Props = {
  cut: Cut
  methods: Methods
  tokens: readonly Token[] | null
  /** `typing`: more is likely to follow at once; `push`: a step of its own for undo. */
  onChange: (effect: Effect, options: { typing: boolean; push: boolean }) => void
}

/** What is done to one site: by which method, how strongly, where, with what. */
export function CutEditor({ cut, methods, tokens, onChange }: Props) {
  // What is not complete yet is not cut with.
  const [draft, setDraft] = useState<Effect | null>(null)
  const [begun, setBegun] = useState(false)
  const effect = draft ?? effectOf(cut)
  const method = methodNamed(methods, effect.method)
  const missing = lacks(methods, effect)

  function change(next: Effect, { typing = false } = {}) {
    if (lacks(methods, next)) return setDraft(next)
    setDraft(null)
    setBegun(typing)
    onChange(effectOf(next), { typing, push: !typing || !begun })
  }

  return (
    <div
      role="group"
      aria-label={`How ${headName(cut)} is cut`}
      className="grid w-80 max-w-full gap-3 p-2 text-left"
    >
      <label className="flex items-center justify-between gap-2 text-xs text-ink-2">
        {headName(cut)} is cut by
        <select
          value={effect.method}
          onChange={(event) => {
            change({ ...effect, method: event.target.value, parameters: undefined })
          }}
          className="h-8 rounded-md border border-line-strong bg-surface px-1.5 text-sm text-ink pointer-coarse:h-11"
        >
          {methods
            .filter((offered) => worksOn(offered, cut))
            .map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
        </select>
      </label>
      {method && <p className="text-xs text-pretty text-ink-3">{method.meaning}</p>}
      <div className="text-xs text-ink-2">
        How far: 0 changes nothing, 1 replaces, 2 overshoots, below 0 strengthens
        <Strength effect={effect} onChange={change} />
      </div>
      {method && <Parameters effect={effect} parameters={method.parameters} onChange={change} />}
      {missing && (
        <p role="status" className="text-xs text-warn">
          {missing}
        </p>
      )}
      <PositionPicker
        tokens={tokens}
        positions={effect.positions ?? null}
        onChange={(positions) => change({ ...effect, positions: positions ?? undefined })}
      />
    </div>
  )
}
