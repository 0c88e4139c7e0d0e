import { keepPreviousData, skipToken, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { codeQuery } from '@/api/queries'
import { inferBodyOf } from '@/api/requests'
import type { InferResponse } from '@/api/types'
import { saveText } from '@/charts/download'
import type { Experiment } from '@/lib/experiment'
import { Button } from '@/ui/Button'
import { ErrorNote } from '@/ui/ErrorNote'
import { Skeleton } from '@/ui/Skeleton'
import { PythonCode } from './PythonCode'

type Props = {
  experiment: Experiment
  /** Of a sampled run it knows the seed that was drawn. */
  result: InferResponse | null
}

/** The run as a script of plain TransformerLens, to read, copy and take along. */
export function CodePanel({ experiment, result }: Props) {
  const [copied, setCopied] = useState<'no' | 'yes' | 'failed'>('no')
  const isDrawn = experiment.temperature > 0
  const seed = experiment.seed ?? (isDrawn ? (result?.seed ?? null) : null)
  const options = codeQuery(inferBodyOf({ ...experiment, seed }))
  const { data, error, refetch } = useQuery({
    ...options,
    queryFn: experiment.model === null ? skipToken : (options.queryFn ?? skipToken),
    placeholderData: keepPreviousData,
  })

  async function copy(code: string) {
    try {
      await navigator.clipboard.writeText(code)
      setCopied('yes')
    } catch {
      setCopied('failed')
    }
  }

  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />
  if (!data) return <Skeleton className="h-80" label="The script is being written" />
  const { code } = data
  return (
    <div className="space-y-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="text-sm text-pretty text-ink-2">
          The same run without this page: it prints both texts and the page’s KL, perplexities and
          top-1 changed.
        </p>
        <div className="flex items-center gap-2">
          <span role="status" className="text-xs text-ink-3">
            {copied === 'yes' && 'Copied.'}
            {copied === 'failed' && 'The browser refused; select the code and copy it.'}
          </span>
          <Button size="small" onClick={() => void copy(code)}>
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
