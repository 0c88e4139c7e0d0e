import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  test: {
    environment: 'node',
    include: ['*.e2e.ts'],
    globalSetup: ['global-setup.ts'],
    testTimeout: 240_000,
    expect: { poll: { timeout: 60_000 } },
    hookTimeout: 120_000,
    // Browsers at one server: a story waits more than it computes.
    maxWorkers: 3,
    // On a busy machine a press may meet a page that moves; a fault shows twice.
    retry: 1,
  },
})
