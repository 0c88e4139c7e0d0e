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
  /** The same in the formats of others. */
  more?: readonly FileFormat[]
}

export type FileFormat = {
  /** On its button. */
  readonly label: string
  /** What it is good for. */
  readonly title: string
  /** What the file's name ends with. */
  readonly ending: string
  readonly type: string
  readonly text: () => string
}

/** The numbers as files. */
export function AnalysisFiles({ name, result, csv, extra = {}, more = [] }: Props) {
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
      {more.map(({ label, title, ending, type, text }) => (
        <Button
          key={label}
          size="small"
          look="quiet"
          title={title}
          disabledReason={reason}
          onClick={() => saveText(text(), `${slug(name)}${ending}`, type)}
        >
          {label}
        </Button>
      ))}
    </div>
  )
}
