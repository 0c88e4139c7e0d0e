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
    // The page at every step is kept, but no film of it, which would take longer than the story.
    trace: { mode: 'retain-on-failure', screenshots: false },
    launchOptions: {
      executablePath: requireBrowser().path,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
        // In place of Playwright's list, with the first beside: Chromium draws its own menus ahead for
        // each window, a quarter of what a story computes.
        '--disable-features=PreloadTopChromeWebUI,HttpsUpgrades,LensOverlay,MediaRouter,OptimizationHints,PaintHolding,ThirdPartyStoragePartitioning',
      ],
    },
  },
})
