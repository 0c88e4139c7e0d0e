import { saveText, slug } from '@/charts/download'
import { Button } from '@/ui/Button'

type Props = {
  /** Names the files. */
  name: string
  /** As the server answered, with its request; null while it is not there. */
  result: object | null
  csv: (() => string) | null
  /** What else is shown beside it. */
  extra?: object
}

/** The numbers as files. */
export function AnalysisFiles({ name, result, csv, extra = {} }: Props) {
  const reason = !result && 'It is not measured yet.'
  return (
    <div className="flex flex-wrap items-center gap-1 text-xs text-ink-3">
      Take it along:
      <Button
        size="small"
        look="quiet"
        disabledReason={reason}
        onClick={() =>
          saveText(
            JSON.stringify({ ...result, ...extra }, null, 2),
            `${slug(name)}.json`,
            'application/json',
          )
        }
      >
        JSON
      </Button>
      <Button
        size="small"
        look="quiet"
        disabledReason={reason}
        onClick={() => csv && saveText(csv(), `${slug(name)}.csv`, 'text/csv')}
      >
        CSV
      </Button>
    </div>
  )
}
