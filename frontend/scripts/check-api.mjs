/** Fails when src/api/schema.d.ts is not what docs/openapi.json gives. */
import { readFileSync } from 'node:fs'
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript'

const committed = readFileSync(new URL('../src/api/schema.d.ts', import.meta.url), 'utf8')
const generated =
  COMMENT_HEADER + astToString(await openapiTS(new URL('../../docs/openapi.json', import.meta.url)))
if (committed !== generated) {
  console.error('src/api/schema.d.ts is out of date: run npm run generate:api')
  process.exit(1)
}
