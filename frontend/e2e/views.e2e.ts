import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { cell, expectNoSidewaysScroll, launch, runEnded, settled, visit } from './browser'

const url = inject('url')
const experiment = `${url}/?p=When+Mary+and+John+went+to+the+store,+John+gave+a+drink+to&cut=L0H10z.L7H9m.L9H9z&by=attribution&tok=c0`
let browser: Browser

beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

async function shownInFull(page: Page) {
  await settled(page)
  await page.getByRole('tabpanel').locator('table').first().waitFor()
}

const tabs = ['Logit lens', 'Attention pattern', 'Scores', 'Code']

test.each([
  ['light', 1440, tabs],
  ['dark', 1440, tabs],
  ['light', 390, tabs.slice(0, 1)],
  ['dark', 390, tabs.slice(0, 1)],
] as const)('axe finds nothing wrong in %s at %i pixels', async (scheme, width, shown) => {
  const { page } = await visit(browser, experiment, { dark: scheme === 'dark', width })
  await shownInFull(page)
  for (const tab of shown) {
    await page.getByRole('tab', { name: tab }).click()
    await page.getByRole('tab', { name: tab, selected: true }).waitFor()
    await page.waitForLoadState('networkidle')
    const axe = new AxeBuilder({ page })
    // The rest of the page is the same under every tab.
    if (tab !== shown[0]) axe.include('[role=tabpanel]')
    const { violations } = await axe.analyze()
    expect(
      violations.map(({ id, nodes }) => `${tab}: ${id}: ${nodes.map((n) => n.html).join(' ')}`),
    ).toEqual([])
  }
  await page.context().close()
})

test.each([1440, 1024, 390])('nothing hangs over at %i pixels', async (width) => {
  const { page } = await visit(browser, experiment, { width })
  await shownInFull(page)
  for (const tab of tabs) {
    await page.getByRole('tab', { name: tab }).click()
    await page.waitForLoadState('networkidle')
    await expectNoSidewaysScroll(page)
  }
  await page.context().close()
})

test('at 390 pixels a finger cuts a head and reads a token', async () => {
  const { page } = await visit(browser, url, { width: 390, height: 844, touch: true })
  await settled(page)
  const target = cell(page, 9, 9)
  const box = await target.boundingBox()
  expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(24)
  await target.tap()
  await page.getByRole('button', { name: 'Restore L9H9' }).waitFor()
  await page
    .getByRole('region', { name: 'Prompt' })
    .getByRole('button', { name: 'Run inference' })
    .tap()
  await runEnded(page)
  await page.locator('[data-stream=control]').first().tap()
  await page.getByRole('tab', { name: 'Logit lens', selected: true }).waitFor()
  await expectNoSidewaysScroll(page)
  await page.context().close()
})
