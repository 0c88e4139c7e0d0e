import { defineConfig } from '@playwright/test'
import stories from '../playwright.config'

/** npm run screenshots: the pictures in docs/screenshots, taken of the real page. */
export default defineConfig(stories, {
  testDir: '.',
  testMatch: 'screenshots.ts',
  globalSetup: './global-setup.ts',
  outputDir: '../test-results',
  workers: 1,
})
