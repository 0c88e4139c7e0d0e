/** The parameters of a task, as its JSON schema describes them, and as a person writes them. */

export type Parameters = Readonly<Record<string, unknown>>

export type ParameterField = {
  readonly name: string
  readonly description: string
  readonly standard: unknown
} & (
  | { readonly kind: 'choice'; readonly options: readonly string[] }
  | { readonly kind: 'number'; readonly min: number; readonly max: number }
  /** `empty`: nothing written means that there is none. */
  | { readonly kind: 'text'; readonly empty: boolean }
  /** Words, by commas. */
  | { readonly kind: 'words' }
  /** Lists of words, one a line: “animal: cat, dog”. */
  | { readonly kind: 'lists' }
)

type Schema = {
  readonly type?: string
  readonly enum?: readonly string[]
  readonly anyOf?: readonly Schema[]
  readonly minimum?: number
  readonly maximum?: number
  readonly description?: string
  readonly default?: unknown
}

function fieldOf(name: string, schema: Schema): ParameterField {
  const { type, minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = schema
  const field = { name, description: schema.description ?? '', standard: schema.default }
  if (schema.enum) return { ...field, kind: 'choice', options: schema.enum }
  if (type === 'integer') return { ...field, kind: 'number', min: minimum, max: maximum }
  if (type === 'array') return { ...field, kind: 'words' }
  if (type === 'object') return { ...field, kind: 'lists' }
  return {
    ...field,
    kind: 'text',
    empty: schema.anyOf?.some((each) => each.type === 'null') ?? false,
  }
}

export const fieldsOf = (schemas: Parameters): ParameterField[] =>
  Object.entries(schemas).map(([name, schema]) => fieldOf(name, schema as Schema))

const words = (text: string) =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean)

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const joined = (list: unknown) => (Array.isArray(list) ? list.join(', ') : '')

/** A value as it stands in its field. */
export function written({ kind, standard }: ParameterField, value: unknown = standard): string {
  if (kind === 'words') return joined(value)
  if (kind === 'lists') {
    return Object.entries(isRecord(value) ? value : {})
      .map(([name, list]) => `${name}: ${joined(list)}`)
      .join('\n')
  }
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** What was written into a field, as the server reads it. */
export function read(field: ParameterField, text: string): unknown {
  switch (field.kind) {
    case 'number':
      return Number(text)
    case 'words':
      return words(text)
    case 'lists':
      return Object.fromEntries(
        text
          .split('\n')
          .filter((line) => line.trim())
          .map((line) => {
            const at = line.includes(':') ? line.indexOf(':') : line.length
            return [line.slice(0, at).trim(), words(line.slice(at + 1))]
          }),
      )
    case 'text':
      return text === '' && field.empty ? null : text
    case 'choice':
      return text
  }
}

/** The parameters with one of them changed; what has its default is left out. */
export function changed(parameters: Parameters, field: ParameterField, value: unknown): Parameters {
  const rest = Object.entries(parameters).filter(([name]) => name !== field.name)
  const isStandard = JSON.stringify(value) === JSON.stringify(field.standard)
  return Object.fromEntries(isStandard ? rest : [...rest, [field.name, value]])
}

/** Parameters as a link holds them. */
export function parseParameters(text: string | undefined): Parameters {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    return isRecord(value) ? value : {}
  } catch {
    return {}
  }
}
