import { defineConfig } from 'vitest/config'
import base from './vitest.config'

/** npm run screenshots: the pictures in docs/screenshots, taken of the real page. */
export default defineConfig({
  ...base,
  test: { ...base.test, fileParallelism: false, include: ['screenshots.ts'], testTimeout: 120_000 },
})
