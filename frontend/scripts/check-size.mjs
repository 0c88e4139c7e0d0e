/** Fails when what the browser loads for the first view is more than agreed. */
import { readFileSync } from 'node:fs'
import { brotliCompressSync } from 'node:zlib'

const limit = 250_000
const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))

/** What a first visit shows on a wide window: the Prompt view with its bar, the texts, and the lens. */
const shown = [
  'index.html',
  'src/app/views/PromptView.tsx',
  'src/app/views/PromptBar.tsx',
  'src/app/panels/ChangesPanel.tsx',
  'src/app/panels/LensView.tsx',
]
const font = 'src/styles/fonts/inter-ascii.woff2'

const chunkOf = (key) => {
  const chunk = manifest[key]
  if (!chunk)
    throw new Error(`${key} is no chunk of its own any more: name what is shown at first.`)
  return chunk
}

/** A chunk, its style sheets and all that it imports statically. */
function needed(key, files) {
  const chunk = chunkOf(key)
  if (files.has(chunk.file)) return
  files.add(chunk.file)
  for (const style of chunk.css ?? []) files.add(style)
  for (const next of chunk.imports ?? []) needed(next, files)
}

const files = new Set(['index.html', 'theme.js', chunkOf(font).file])
for (const key of shown) needed(key, files)

/** As the server sends it: scripts and styles by Brotli, a font as it is. */
function size(file) {
  const content = readFileSync(new URL(file, dist))
  return file.endsWith('.woff2') ? content.length : brotliCompressSync(content).length
}

const sizes = [...files].map((file) => [size(file), file]).sort(([a], [b]) => b - a)
const total = sizes.reduce((sum, [bytes]) => sum + bytes, 0)
for (const [bytes, file] of sizes) console.log(`${String(bytes).padStart(8)}  ${file}`)
console.log(`${String(total).padStart(8)}  bytes at first view, compressed, the font included`)
if (total > limit) {
  console.error(`More than ${limit}: load what is heavy when it is first shown.`)
  process.exit(1)
}
