/** Numbers as people read them. */

/** About three significant digits, never an exponent for everyday sizes. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  if (size === 0) return '0'
  if (size < 0.0005 || size >= 1e6) return value.toExponential(1).replace('-', '−')
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3
  return value.toFixed(digits).replace('-', '−')
}

/** Writes the ticks of an axis, all with as many decimals: −0.5, 0.0, 0.5, 1.0. */
export function tickFormat(ticks: readonly number[]): (tick: number) => string {
  const written = ticks.map(String)
  if (ticks.some((tick) => Math.abs(tick) >= 1e6) || written.some((text) => text.includes('e'))) {
    return number
  }
  const decimals = Math.max(0, ...written.map((text) => text.split('.')[1]?.length ?? 0))
  return (tick) => tick.toFixed(decimals).replace('-', '−')
}

export const signed = (value: number): string => (value > 0 ? '+' : '') + number(value)

/** A probability as a percentage: 43 %, 4.3 %, 0.04 %, <0.01 %. */
export function percent(probability: number): string {
  const value = probability * 100
  if (value === 0) return '0 %'
  if (value < 0.01) return '<0.01 %'
  return `${value >= 9.95 ? value.toFixed(0) : value >= 0.995 ? value.toFixed(1) : value.toFixed(2)} %`
}

/** Of a log-probability, which is never that of nothing. */
export const probability = (logprob: number): string =>
  percent(Math.max(Number.MIN_VALUE, Math.exp(logprob)))

/** GPT-2's token that begins and ends every text. */
export const END_OF_TEXT = '<|endoftext|>'

export const END_OF_TEXT_MEANING = `The mark ${END_OF_TEXT}: every text the model has read began and ended with it.`

/** White space and control characters made visible: ␣the, ⏎, ⇥; the end of a text: ⟨end⟩. */
export const visible = (text: string): string => (text === END_OF_TEXT ? '⟨end⟩' : printed(text))

/** The same mark is called by what it does where it stands: the first token starts the text. */
export const visibleAt = (text: string, index: number): string =>
  text === END_OF_TEXT && index === 0 ? '⟨start⟩' : visible(text)

const printed = (text: string) => text.replace(/\n/g, '⏎').replace(/\t/g, '⇥').replace(/ /g, '␣')

/** As a sentence begins. */
export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

export const count = (n: number, one: string, many = `${one}s`): string =>
  `${n} ${n === 1 ? one : many}`

/** A size in the largest unit that it fills: 64 MiB, 1.5 KiB, 12 bytes. */
export function bytes(size: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB']
  const unit = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, size)) / 10))
  return `${Number((size / 1024 ** unit).toFixed(1))} ${units[unit]}`
}

/** The end of a text, for where there is no room for all of it. */
export function lastWords(text: string, most = 28): string {
  const line = text.replace(/\s+/g, ' ').trimEnd()
  if (line.length <= most) return line
  const tail = line.slice(-most)
  const space = tail.indexOf(' ')
  return space < 0 ? tail : tail.slice(space + 1)
}

/** A moment's date, as this reader writes dates. */
export const day = (time: string): string =>
  new Date(time).toLocaleDateString(undefined, { dateStyle: 'medium' })
