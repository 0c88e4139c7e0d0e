import { existsSync } from 'node:fs'
import { startServer } from './server'

/** Serves the page, as it was built last, with the API, once for all stories. */
export default async function setUp() {
  if (!existsSync(new URL('../dist/index.html', import.meta.url))) {
    throw new Error('The page is not built: run `make test-e2e`, which builds it.')
  }
  const server = await startServer()
  process.env['STORIES_URL'] = server.url
  return () => server.stop()
}
