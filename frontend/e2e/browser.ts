import { AxeBuilder } from '@axe-core/playwright'
import { chromium, type Browser, type Locator, type Page } from 'playwright-core'
import { expect } from 'vitest'
import { requireBrowser } from '../scripts/browser.mjs'

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: requireBrowser().path,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  })

type Options = {
  width?: number
  height?: number
  dark?: boolean
  touch?: boolean
  /** Show the first-run tour, as to somebody new. */
  tour?: boolean
}

/** A fresh visitor; `complaints` collects what the page wrote to the console. */
export async function visit(browser: Browser, url: string, options: Options = {}) {
  const { width = 1440, height = 900, dark = false, touch = false, tour = false } = options
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    hasTouch: touch,
    isMobile: touch,
  })
  if (!tour) {
    await context.addInitScript(() => localStorage.setItem('attention-surgery.tour', 'seen'))
  }
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  await page.goto(url)
  return { page, complaints }
}

export const cell = (page: Page, layer: number, head: number) =>
  page.getByRole('gridcell', { name: new RegExp(`^Layer ${layer} head ${head}(,|$)`) })

/** Both texts as the page shows them. */
export async function texts(page: Page) {
  const read = async (stream: string) =>
    (await page.locator(`[data-stream=${stream}]`).allTextContents()).join('')
  return { control: await read('control'), ablated: await read('ablated') }
}

/** The page has come to rest: texts written, grid coloured. Nothing moves under the pointer now. */
export async function settled(page: Page) {
  await page.locator('[data-stream=control]').first().waitFor()
  await runEnded(page)
  await page.getByRole('gridcell', { name: /^Layer 11 head 11, / }).waitFor()
}

/** Waits until a run has ended: the button offers the next one. */
export const runEnded = (page: Page) =>
  page
    .getByRole('region', { name: 'Prompt' })
    .getByRole('button', { name: 'Run inference' })
    .waitFor()

export async function expectNoSidewaysScroll(page: Page) {
  const [content, view] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ])
  expect(content).toBeLessThanOrEqual(view ?? 0)
}

/**
 * What axe finds wrong with the page, or with one part of it. In the dark only colours are other
 * than in the light: `rules` may be color-contrast alone.
 */
export async function barriers(page: Page, within?: string, rules?: string[]) {
  // A second page and the selectors of all that is right take longer than the rules themselves.
  const axe = new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ['violations'] })
  if (within) axe.include(within)
  if (rules) axe.withRules(rules)
  const { violations } = await axe.analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join(' ')}`)
}

/** Shows a panel: on a narrow window it comes up as a sheet. */
export async function openPanel(page: Page, name: string) {
  const details = page.getByRole('button', { name: 'Details' })
  if (await details.isVisible()) await details.click()
  await page.getByRole('tab', { name }).last().click()
  await page.getByRole('tab', { name, selected: true }).first().waitFor()
}

/** Whether the whole of an element is in the window. */
export const inView = (target: Locator) =>
  target.evaluate((element) => {
    const { top, bottom, left, right } = element.getBoundingClientRect()
    return top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth
  })
