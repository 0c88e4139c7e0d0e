import { useState } from 'react'
import type { InferResponse, ModelInfo } from '@/api/types'
import { saveText } from '@/charts/download'
import { codeModel, pythonCode } from '@/lib/codeExport'
import type { Experiment } from '@/lib/experiment'
import { Button } from '@/ui/Button'
import { PythonCode } from './PythonCode'

type Props = {
  experiment: Experiment
  /** Of a sampled run it knows the seed that was drawn. */
  result: InferResponse | null
  modelInfo: ModelInfo | null
}

const NOTES = {
  hub: 'Runs as it is wherever TransformerLens is installed; it fetches the weights itself.',
  bundled:
    'Runs as it is in this project’s Python environment, offline; it reads the bundled weights.',
  directory: 'Runs once MODEL_DIR names the directory of this model.',
}

/** The run as a script of plain TransformerLens, to read, copy and take along. */
export function CodePanel({ experiment, result, modelInfo }: Props) {
  const [copied, setCopied] = useState<'no' | 'yes' | 'failed'>('no')
  const model = codeModel(
    modelInfo?.name ?? experiment.model ?? 'gpt2',
    modelInfo?.bundled ?? false,
  )
  const code = pythonCode({ ...experiment, seed: experiment.seed ?? result?.seed ?? null, model })

  async function copy() {
    try {
      await navigator.clipboard.writeText(code)
      setCopied('yes')
    } catch {
      setCopied('failed')
    }
  }

  return (
    <div className="space-y-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="text-sm text-pretty text-ink-2">
          {NOTES[model.kind]} It prints both texts and the page’s KL, perplexities and top-1
          changed.
        </p>
        <div className="flex items-center gap-2">
          <span role="status" className="text-xs text-ink-3">
            {copied === 'yes' && 'Copied.'}
            {copied === 'failed' && 'The browser refused; select the code and copy it.'}
          </span>
          <Button size="small" onClick={() => void copy()}>
            Copy
          </Button>
          <Button
            size="small"
            onClick={() => saveText(code, 'attention_surgery_run.py', 'text/x-python')}
          >
            Download .py
          </Button>
        </div>
      </div>
      <PythonCode code={code} />
    </div>
  )
}
