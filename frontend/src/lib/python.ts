/** Just enough of Python's lexis to colour a script. */

export type PythonKind = 'comment' | 'string' | 'number' | 'keyword' | 'name' | 'plain'
export type PythonToken = { readonly kind: PythonKind; readonly text: string }

const KEYWORDS = new Set(
  'False None True and as break continue def elif else for from if import in is lambda not or pass return while with'.split(
    ' ',
  ),
)

// A sticky pattern of alternatives, tried in this order at each place.
const LEXEME =
  /(?<comment>#.*)|(?<string>[rfb]?(?:"""[^]*?"""|"(?:\\[^]|[^"\\\n])*"|'(?:\\[^]|[^'\\\n])*'))|(?<number>\b\d[\d_.]*(?:e-?\d+)?)|(?<word>[A-Za-z_]\w*)|(?<plain>\s+|[^])/y

/** The script as coloured pieces; joined, they are the script again. */
export function pythonTokens(code: string): PythonToken[] {
  const tokens: PythonToken[] = []
  for (const match of code.matchAll(new RegExp(LEXEME, 'gy'))) {
    const text = match[0]
    const groups = match.groups ?? {}
    const kind = groups['word']
      ? KEYWORDS.has(text)
        ? 'keyword'
        : 'name'
      : ((['comment', 'string', 'number'] as const).find((name) => groups[name]) ?? 'plain')
    const last = tokens.at(-1)
    if (last?.kind === kind) tokens[tokens.length - 1] = { kind, text: last.text + text }
    else tokens.push({ kind, text })
  }
  return tokens
}
