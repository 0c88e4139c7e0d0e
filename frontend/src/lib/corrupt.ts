/** Corrupt prompts a text allows: the same sentence about something else, so that one thing differs. */

export type Corruption = {
  readonly id: 'swap' | 'giver' | 'name' | 'place' | 'year'
  readonly label: string
  /** What differs then, and what stays. */
  readonly note: string
  /** In order of preference; the first that has as many tokens as the clean prompt is taken. */
  readonly texts: readonly string[]
}

const words = (text: string) => text.trim().split(/\s+/)

const FEMALE = words(`
  Mary Anna Sarah Emma Lucy Alice Jane Kate Rose Helen Grace Laura Julia Maria Susan Amy Emily Rachel
`)
const MALE = words(`
  John Tom James David Peter Jack Henry Paul Mark George Charles William Robert Arthur Sam Simon Adam Bob
`)
const NAMES = [...FEMALE, ...MALE]

/** Things that stand in place of each other; a list each. */
const PLACES: readonly (readonly string[])[] = [
  [
    'Eiffel Tower',
    'Colosseum',
    'Brandenburg Gate',
    'Blue Mosque',
    'Statue of Liberty',
    'Taj Mahal',
    'Acropolis',
    'Kremlin',
    'Louvre',
    'Pantheon',
    'Parthenon',
    'Reichstag',
    'Golden Gate Bridge',
    'White House',
    'Opera House',
    'Forbidden City',
    'Charles Bridge',
    'Grand Bazaar',
  ],
  words(`France Italy England Germany Greece Russia Spain Austria Portugal Egypt Japan China Ireland
    Scotland Norway Denmark`),
  words('Seine Tiber Thames Spree Danube Nile Arno Hudson Liffey'),
  words('Paris Rome London Berlin Athens Moscow Madrid Vienna Lisbon Cairo Tokyo Dublin Oslo'),
]

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

const pattern = (phrases: readonly string[], flags = 'gu') =>
  new RegExp(`(?<![\\p{L}\\p{N}])(?:${phrases.map(escaped).join('|')})(?![\\p{L}\\p{N}])`, flags)

/** Every name by its place in the text. */
const namesIn = (text: string) =>
  [...text.matchAll(pattern(NAMES))].map((match) => ({ name: match[0], at: match.index }))

const spliced = (text: string, at: number, old: string, next: string) =>
  text.slice(0, at) + next + text.slice(at + old.length)

function swapped(text: string): Corruption | null {
  const [first, second, ...more] = new Set(namesIn(text).map(({ name }) => name))
  if (first === undefined || second === undefined || more.length > 0) return null
  const other = (name: string) => (name === first ? second : first)
  return {
    id: 'swap',
    label: 'Swap the two names',
    note: `${first} and ${second} change places everywhere: who is who differs, not where.`,
    texts: [text.replace(pattern([first, second]), other)],
  }
}

/** The last mention names the other one: what the indirect-object task asks turns round. */
function otherGiver(text: string): Corruption | null {
  const mentions = namesIn(text)
  const [first, second, ...more] = new Set(mentions.map(({ name }) => name))
  const last = mentions.at(-1)
  if (!last || mentions.length < 3 || first === undefined || second === undefined) return null
  if (more.length > 0) return null
  const next = last.name === first ? second : first
  return {
    id: 'giver',
    label: `Name ${next} last`,
    note: `Only the last name differs, ${next} for ${last.name}: the other one is asked for.`,
    texts: [spliced(text, last.at, last.name, next)],
  }
}

/** The last name is somebody not met before; in a text with one name, of the other gender. */
function anotherName(text: string): Corruption | null {
  const mentions = namesIn(text)
  const last = mentions.at(-1)
  if (!last) return null
  const met = new Set(mentions.map(({ name }) => name))
  const isFemale = FEMALE.includes(last.name)
  const alike = isFemale ? FEMALE : MALE
  const pool = (met.size > 1 ? alike : isFemale ? MALE : FEMALE).filter((name) => !met.has(name))
  return {
    id: 'name',
    label: 'Another name',
    note:
      met.size > 1
        ? `Somebody new in place of the last ${last.name}: nobody has been named twice.`
        : `Somebody else in place of ${last.name}.`,
    texts: pool.map((name) => spliced(text, last.at, last.name, name)),
  }
}

function anotherPlace(text: string): Corruption | null {
  for (const list of PLACES) {
    const match = pattern(list, 'u').exec(text)
    if (!match) continue
    return {
      id: 'place',
      label: 'Another place',
      note: `Another of its kind in place of ${match[0]}.`,
      texts: list
        .filter((place) => place !== match[0])
        .map((place) => spliced(text, match.index, match[0], place)),
    }
  }
  return null
}

/** The start of its century, which no year of it precedes. Source: Hanna et al. 2023, arXiv:2305.00586 */
function earlyYear(text: string): Corruption | null {
  const match = /(?<!\d)(1\d)(0[2-9]|[1-9]\d)(?!\d)/.exec(text)
  const [year, century] = match ?? []
  if (!match || year === undefined || century === undefined) return null
  return {
    id: 'year',
    label: `The year ${century}01`,
    note: `${century}01 for ${year}: every later year is possible then.`,
    texts: [spliced(text, match.index, year, `${century}01`)],
  }
}

/** What can be made of a clean prompt; nothing where it names nobody, no place and no year. */
export const corruptionsOf = (text: string): Corruption[] =>
  [otherGiver, swapped, anotherName, anotherPlace, earlyYear]
    .map((make) => make(text))
    .filter((made) => made !== null)
