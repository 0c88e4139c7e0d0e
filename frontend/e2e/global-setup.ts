import { existsSync } from 'node:fs'
import type { TestProject } from 'vitest/node'
import { startServer } from './server'

declare module 'vitest' {
  export interface ProvidedContext {
    url: string
  }
}

/** Serves the page, as it was built last, with the API, once for all stories. */
export default async function setUp(project: TestProject) {
  if (!existsSync(new URL('../dist/index.html', import.meta.url))) {
    throw new Error('The page is not built: run `make test-e2e`, which builds it.')
  }
  const server = await startServer()
  project.provide('url', server.url)
  return () => server.stop()
}
