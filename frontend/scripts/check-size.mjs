/** Fails when what the browser loads before the page shows is more JavaScript than agreed. */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const limit = 250_000
const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))

/** The entry and all it imports statically; what is imported on demand loads later. */
function firstLoad(key, files = new Set()) {
  const { file, imports = [] } = manifest[key]
  if (files.has(file)) return files
  files.add(file)
  imports.forEach((next) => firstLoad(next, files))
  return files
}

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry)
const files = [...firstLoad(entry), 'theme.js']
const size = (file) => gzipSync(readFileSync(new URL(file, dist))).length
const total = files.reduce((sum, file) => sum + size(file), 0)
for (const file of files) console.log(`${String(size(file)).padStart(8)}  ${file}`)
console.log(`${String(total).padStart(8)}  bytes of JavaScript at first load, compressed`)
if (total > limit) {
  console.error(`More than ${limit}: load what is heavy when it is first shown.`)
  process.exit(1)
}
