import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
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
  execFileSync('node_modules/.bin/vite', ['build', '--logLevel', 'warn'], {
    cwd: root,
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: 'inherit',
  })
  const server = await startServer()
  project.provide('url', server.url)
  return () => server.stop()
}
