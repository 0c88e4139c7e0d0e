import { defineConfig } from '@playwright/test'
import { requireBrowser } from './scripts/browser.mjs'

/** The stories in e2e, in a real browser against the real server; `@long` are those of make test-long. */
export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.e2e.ts',
  globalSetup: './e2e/global-setup.ts',
  outputDir: 'test-results',
  fullyParallel: true,
  // Browsers at one server: a story waits more than it computes.
  workers: 3,
  forbidOnly: Boolean(process.env['CI']),
  reporter: 'list',
  // Nothing in a story is a claim about speed.
  timeout: 300_000,
  expect: { timeout: 120_000 },
  use: {
    baseURL: process.env['STORIES_URL'],
    actionTimeout: 120_000,
    viewport: { width: 1440, height: 900 },
    contextOptions: { reducedMotion: 'reduce' },
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: requireBrowser().path,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
})
