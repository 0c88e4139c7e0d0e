/** Fails when what the browser loads for the first view is more than agreed. */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const limit = 250_000
const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))

/** What a first visit shows: the page itself, the texts with the next token, and the menu beside. */
const shown = [
  'index.html',
  'src/app/panels/ChangesPanel.tsx',
  'src/features/export/ExportMenu.tsx',
]

/** A chunk, its style sheets and all that it imports statically. */
function needed(key, files = new Set()) {
  const chunk = manifest[key]
  if (!chunk)
    throw new Error(`${key} is no chunk of its own any more: name what is shown at first.`)
  if (files.has(chunk.file)) return files
  files.add(chunk.file)
  for (const style of chunk.css ?? []) files.add(style)
  for (const next of chunk.imports ?? []) needed(next, files)
  return files
}

const files = new Set(['theme.js'])
for (const key of shown) needed(key, files)
const size = (file) => gzipSync(readFileSync(new URL(file, dist))).length
const total = [...files].reduce((sum, file) => sum + size(file), 0)
for (const file of files) console.log(`${String(size(file)).padStart(8)}  ${file}`)
console.log(`${String(total).padStart(8)}  bytes of scripts and styles at first view, compressed`)
if (total > limit) {
  console.error(`More than ${limit}: load what is heavy when it is first shown.`)
  process.exit(1)
}
