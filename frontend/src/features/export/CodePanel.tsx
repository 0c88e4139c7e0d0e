import { keepPreviousData, skipToken, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { codeQuery } from '@/api/queries'
import { saveText, slug } from '@/charts/download'
import { ipynbOf } from '@/lib/ipynb'
import { Button } from '@/ui/Button'
import { ErrorNote } from '@/ui/ErrorNote'
import { Skeleton } from '@/ui/Skeleton'
import { PythonCode } from './PythonCode'

type Props = {
  /** The analysis and what it is asked. */
  path: string
  body: object
  /** Nothing can be asked yet. */
  waiting: boolean
  /** What the script gives, in a sentence. */
  about: string
  /** Names the file. */
  name: string
}

/** What is shown as a script of plain TransformerLens, to read, copy and take along. */
export function CodePanel({ path, body, waiting, about, name }: Props) {
  const [copied, setCopied] = useState<'no' | 'yes' | 'failed'>('no')
  const options = codeQuery(path, body)
  const { data, error, refetch } = useQuery({
    ...options,
    queryFn: waiting ? skipToken : (options.queryFn ?? skipToken),
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
  const file = slug(name).replaceAll('-', '_')
  return (
    <div className="space-y-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="text-sm text-pretty text-ink-2">{about}</p>
        <div className="flex items-center gap-2">
          <span role="status" className="text-xs text-ink-3">
            {copied === 'yes' && 'Copied.'}
            {copied === 'failed' && 'The browser refused; select the code and copy it.'}
          </span>
          <Button size="small" onClick={() => void copy(code)}>
            Copy
          </Button>
          <Button size="small" onClick={() => saveText(code, `${file}.py`, 'text/x-python')}>
            Download .py
          </Button>
          <Button
            size="small"
            onClick={() => saveText(ipynbOf(code), `${file}.ipynb`, 'application/x-ipynb+json')}
          >
            Download .ipynb
          </Button>
        </div>
      </div>
      <PythonCode code={code} name={name} />
    </div>
  )
}
