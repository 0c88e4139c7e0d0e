import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import type { TestProject } from 'vitest/node'
import { startServer } from './server'

declare module 'vitest' {
  export interface ProvidedContext {
    url: string
  }
}

/** Builds the page and serves it with the API, once for all stories. */
export default async function setUp(project: TestProject) {
  const root = fileURLToPath(new URL('..', import.meta.url))
  await build({ root, configFile: `${root}/vite.config.ts`, logLevel: 'warn', mode: 'production' })
  const server = await startServer()
  project.provide('url', server.url)
  return () => server.stop()
}
