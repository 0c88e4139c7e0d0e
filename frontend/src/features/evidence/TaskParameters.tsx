import { sentence } from '@/lib/format'
import { NumberField } from '@/ui/NumberField'
import {
  changed,
  fieldsOf,
  read,
  written,
  type ParameterField,
  type Parameters,
} from '@/lib/taskParameters'
import { FIELD, Labelled } from './fields'

type Props = {
  /** JSON schemas by name, as the server describes the task. */
  schemas: Parameters
  values: Parameters
  onChange: (values: Parameters) => void
}

/** What can be set of a task: a choice, a number, words of one's own. */
export function TaskParameters({ schemas, values, onChange }: Props) {
  const fields = fieldsOf(schemas)
  if (fields.length === 0) return null
  return (
    <fieldset className="grid items-start gap-2 sm:grid-cols-[repeat(auto-fill,minmax(11rem,1fr))]">
      <legend className="sr-only">Parameters of the task</legend>
      {fields.map((field) => (
        <Parameter
          key={field.name}
          field={field}
          value={values[field.name] === undefined ? field.standard : values[field.name]}
          onChange={(value) => onChange(changed(values, field, value))}
        />
      ))}
    </fieldset>
  )
}

type ParameterProps = {
  field: ParameterField
  value: unknown
  onChange: (value: unknown) => void
}

const labelOf = (name: string) => sentence(name.replaceAll('_', ' '))

const HOW: Partial<Record<ParameterField['kind'], string>> = {
  words: 'Separate them by commas.',
  lists: 'A list a line, e.g. animal: cat, dog.',
}

function Parameter({ field, value, onChange }: ParameterProps) {
  const label = labelOf(field.name)
  const note = [field.description, HOW[field.kind]].filter(Boolean).join(' ')
  if (field.kind === 'number') {
    return (
      <NumberField
        label={label}
        value={Number(value)}
        min={field.min}
        max={field.max}
        onChange={(next) => next !== null && onChange(next)}
      />
    )
  }
  const text = written(field, value)
  const take = (next: string) => next !== text && onChange(read(field, next))
  return (
    <Labelled label={label} note={note}>
      {field.kind === 'choice' ? (
        <select
          aria-label={label}
          value={text}
          onChange={({ target }) => take(target.value)}
          className={FIELD}
        >
          {field.options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
      ) : (
        // Taken over on leaving: the items are drawn anew for what was written.
        <textarea
          key={text}
          aria-label={label}
          defaultValue={text}
          rows={1}
          onBlur={({ target }) => take(target.value)}
          className={`${FIELD} block field-sizing-content h-auto! min-h-9 resize-none py-1.5`}
        />
      )}
    </Labelled>
  )
}
