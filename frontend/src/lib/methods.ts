/** The ablation methods a server offers; everything said about one on the page comes from here. */

import { isHead, type Site } from './heads'

export type MethodParameter = {
  readonly name: string
  readonly title: string
  readonly meaning: string
  readonly kind: 'choice' | 'prompt' | 'prompts'
  readonly choices?: readonly string[] | null
  /** Absent where the method cannot do without it. */
  readonly default?: string | null
}

export type Method = {
  /** What it is called on the wire. */
  readonly name: string
  /** What links call it. */
  readonly letter: string
  readonly title: string
  readonly meaning: string
  readonly on_heads: boolean
  readonly on_mlps: boolean
  /** Whether it may replace the heads outside a circuit. */
  readonly stands_in: boolean
  readonly parameters: readonly MethodParameter[]
}

export type Methods = readonly Method[]

export const methodNamed = (methods: Methods, name: string): Method | undefined =>
  methods.find((method) => method.name === name)

export const methodOfLetter = (methods: Methods, letter: string): Method | undefined =>
  methods.find((method) => method.letter === letter)

export const worksOn = (method: Method, site: Site): boolean =>
  isHead(site) ? method.on_heads : method.on_mlps

/** What an effect still lacks, as a sentence; null when nothing. */
export function lacks(
  methods: Methods,
  { method, parameters = {} }: { method: string; parameters?: Readonly<Record<string, unknown>> },
): string | null {
  const missing = methodNamed(methods, method)?.parameters.find(
    ({ name, default: standard }) => standard == null && isEmpty(parameters[name]),
  )
  return missing ? `${missing.title}: needed before anything is cut this way.` : null
}

const isEmpty = (value: unknown) =>
  value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
