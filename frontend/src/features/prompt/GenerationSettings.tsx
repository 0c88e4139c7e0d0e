import type { Limits } from '@/api/types'
import type { Experiment } from '@/lib/experiment'
import { tellSettings } from '@/lib/tellExperiment'
import { NumberField } from '@/ui/NumberField'
import { Term } from '@/ui/Term'
import { Toggle } from '@/ui/Toggle'

type Props = {
  experiment: Experiment
  limits: Limits | null
  onUpdate: (patch: Partial<Experiment>) => void
}

/** How the texts are drawn; one line until it is opened. */
export function GenerationSettings({ experiment, limits, onUpdate }: Props) {
  const { maxNewTokens, temperature, topK, seed, prependBos } = experiment
  return (
    <details className="group text-sm open:w-full">
      <summary className="inline-flex min-h-7 list-none items-center gap-1.5 rounded text-xs text-ink-2 hover:text-ink pointer-coarse:min-h-11 [&::-webkit-details-marker]:hidden">
        <span aria-hidden className="text-xs transition-transform group-open:rotate-90">
          ▸
        </span>
        <span className="font-medium">Generation</span>
        <span className="text-ink-3">{tellSettings(experiment)}</span>
      </summary>
      <div className="mt-2 grid grid-cols-2 items-start gap-3 sm:grid-cols-3 lg:grid-cols-[repeat(4,8.5rem)_auto]">
        <NumberField
          label="New tokens"
          value={maxNewTokens}
          min={1}
          max={limits?.max_new_tokens ?? 256}
          onChange={(value) => onUpdate({ maxNewTokens: value ?? 20 })}
        />
        <NumberField
          label="Temperature"
          help={<Term id="temperature">?</Term>}
          value={temperature}
          min={0}
          max={100}
          step={0.1}
          onChange={(value) => onUpdate({ temperature: value ?? 0 })}
        />
        <NumberField
          label="Top-k"
          help={<Term id="topK">?</Term>}
          value={topK}
          min={1}
          max={limits?.max_top_k ?? 100}
          placeholder="all tokens"
          onChange={(value) => onUpdate({ topK: value })}
        />
        <NumberField
          label="Seed"
          help={<Term id="seed">?</Term>}
          value={seed}
          min={0}
          max={Number.MAX_SAFE_INTEGER}
          placeholder="random"
          onChange={(value) => onUpdate({ seed: value })}
        />
        <div className="flex items-center gap-2 self-center pt-4">
          <Toggle
            label="Prepend BOS"
            checked={prependBos}
            onChange={(checked) => onUpdate({ prependBos: checked, token: null })}
          />
          <Term id="bos">?</Term>
        </div>
      </div>
    </details>
  )
}
