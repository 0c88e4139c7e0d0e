import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest'
import {
  barriers,
  cell,
  expectNoSidewaysScroll,
  inView,
  launch,
  openPanel,
  runEnded,
  settled,
  visit,
} from './browser'

const url = inject('url')
const experiment = `${url}/?p=When+Mary+and+John+went+to+the+store,+John+gave+a+drink+to&cut=L0H10z.L7H9m.L9H9z&by=attribution&tok=c0`
let browser: Browser

const gridIsThere = (page: Page) =>
  page.getByRole('gridcell', { name: /^Layer 11 head 11, / }).waitFor()

beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

const tabs = ['Texts', 'Metrics', 'Lens', 'Attention', 'Scores', 'Code']

/** Elements with letters of less than 12 pixels. */
const smallLetters = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('body *')]
      .filter((element) =>
        [...element.childNodes].some((n) => n.nodeType === 3 && n.nodeValue?.trim()),
      )
      .filter((element) => element.getClientRects().length > 0)
      .filter((element) => parseFloat(getComputedStyle(element).fontSize) < 12)
      .map((element) => element.outerHTML.slice(0, 120)),
  )

test.each([
  ['light', 1920, []],
  ['light', 1440, tabs],
  ['dark', 1440, tabs],
  ['light', 1024, tabs.slice(0, 1)],
  ['light', 390, tabs.slice(0, 3)],
  ['dark', 390, tabs.slice(0, 1)],
] as const)(
  'nothing hangs over, no letter is small and axe finds nothing wrong in %s at %i pixels',
  async (scheme, width, examined) => {
    const { page } = await visit(browser, experiment, { dark: scheme === 'dark', width })
    await gridIsThere(page)
    for (const tab of tabs) {
      await openPanel(page, tab)
      await page.waitForLoadState('networkidle')
      await expectNoSidewaysScroll(page)
      expect(await smallLetters(page), tab).toEqual([])
      if (!(examined as readonly string[]).includes(tab)) continue
      // The rest of the page is the same under every tab.
      const within = tab === examined[0] ? undefined : '[role=tabpanel]'
      const rules = scheme === 'dark' ? ['color-contrast'] : undefined
      expect(await barriers(page, within, rules), tab).toEqual([])
    }
    await page.context().close()
  },
)

test('a first visit at 1440 × 900 shows prompt, grid, result, texts and next token at once', async () => {
  const { page } = await visit(browser, url)
  await settled(page)
  for (const part of [
    page.getByRole('textbox', { name: 'Prompt' }),
    cell(page, 0, 0),
    cell(page, 11, 11),
    page.getByRole('region', { name: 'Result' }),
    page.locator('[data-stream=control]').first(),
    page.locator('[data-stream=ablated]').first(),
    page.getByRole('figure', { name: 'Next token' }),
  ]) {
    expect(await inView(part)).toBe(true)
  }
  expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBe(900)

  // What a click changes is in view, and it moves nothing.
  const figure = page.getByRole('figure', { name: 'Next token' })
  const before = await figure.boundingBox()
  await cell(page, 9, 9).click()
  await page.getByRole('button', { name: 'Restore L9H9' }).waitFor()
  await page.getByRole('region', { name: 'Result' }).getByText(/KL/).first().waitFor()
  expect((await figure.boundingBox())?.y).toBe(before?.y)
  await page.locator('[data-stream=prompt]').nth(3).click({ force: true })
  const lens = page.getByRole('tab', { name: 'Lens', selected: true })
  expect(await inView(lens)).toBe(true)
  await page.context().close()
})

test('dividers are moved by keyboard and remembered', async () => {
  const { page } = await visit(browser, url)
  await settled(page)
  const divider = page.getByRole('separator', { name: 'Width of the grid' })
  const at = Number(await divider.getAttribute('aria-valuenow'))
  await divider.focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  expect(Number(await divider.getAttribute('aria-valuenow'))).toBe(at + 4)
  await page.reload()
  await divider.waitFor()
  expect(Number(await divider.getAttribute('aria-valuenow'))).toBe(at + 4)
  await page.context().close()
})

test('a panel that could not be loaded says so, and the retry really loads it', async () => {
  const { page } = await visit(browser, url)
  await settled(page)
  await page.route(/ScoresView.*\.js/, (route) => route.abort())
  await page.getByRole('tab', { name: 'Scores' }).last().click()
  const alert = page.getByRole('alert').filter({ hasText: '“Scores” could not be loaded' })
  await alert.waitFor()
  // Everything else goes on.
  await cell(page, 9, 9).click()
  await page.getByRole('button', { name: 'Restore L9H9' }).waitFor()
  await page.unroute(/ScoresView.*\.js/)
  await alert.getByRole('button', { name: 'Retry' }).click()
  await page.getByRole('button', { name: /^Measure/ }).waitFor()
  await page.context().close()
})

test('at 390 pixels a finger cuts a head and reads a token', async () => {
  const { page } = await visit(browser, url, { width: 390, height: 844, touch: true })
  await gridIsThere(page)
  const target = cell(page, 9, 9)
  const box = await target.boundingBox()
  expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(24)
  await target.tap()
  await page.getByRole('button', { name: 'Restore L9H9' }).waitFor()
  await page
    .getByRole('region', { name: 'Prompt' })
    .getByRole('button', { name: 'Run inference' })
    .tap()
  await page.getByRole('region', { name: 'Result' }).getByText(/KL/).first().waitFor()
  expect(await inView(page.getByRole('region', { name: 'Result' }))).toBe(true)
  await runEnded(page)
  const token = page.locator('[data-stream=control]').first()
  await vi.waitFor(
    async () => {
      // A finger that comes down while the result changes the page's height comes down again.
      if (!(await token.isVisible())) await page.getByRole('button', { name: 'Details' }).tap()
      await token.waitFor({ timeout: 5_000 })
    },
    { timeout: 60_000, interval: 500 },
  )
  await token.tap()
  await page.getByRole('tab', { name: 'Lens', selected: true }).waitFor()
  await expectNoSidewaysScroll(page)
  await page.context().close()
})
