import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { launch, runEnded, settled, visit } from './browser'

const url = inject('url')
let browser: Browser

beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement
    return {
      role: element?.getAttribute('role') ?? element?.tagName.toLowerCase() ?? '',
      name: element?.getAttribute('aria-label') ?? element?.textContent ?? '',
      stream: (element as HTMLElement | null)?.dataset['stream'] ?? null,
      visible: element ? getComputedStyle(element).outlineStyle !== 'none' : false,
    }
  })

/** Presses Tab until the focus is where it is wanted. */
async function tabTo(page: Page, isThere: (at: Awaited<ReturnType<typeof focused>>) => boolean) {
  for (let presses = 0; presses < 120; presses++) {
    await page.keyboard.press('Tab')
    const at = await focused(page)
    if (isThere(at)) return at
  }
  throw new Error('Tab never came there')
}

test('the whole story with the keyboard alone', async () => {
  const { page, complaints } = await visit(browser, url)
  await settled(page)

  // The grid is one tab stop; arrows move in it and Space cuts.
  const inGrid = await tabTo(page, ({ role }) => role === 'gridcell')
  expect(inGrid).toMatchObject({ name: expect.stringMatching(/^Layer 0 head 0,/), visible: true })
  for (let layer = 0; layer < 9; layer++) await page.keyboard.press('ArrowDown')
  for (let head = 0; head < 9; head++) await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Space')
  expect((await focused(page)).name).toMatch(/^Layer 9 head 9, .*ablated by zero$/)
  expect((await tabTo(page, ({ role }) => role !== 'gridcell')).role).not.toBe('gridcell')

  await tabTo(page, ({ name }) => name === 'Ablate Top-5 Heads')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.locator('[data-cell][aria-selected=true]').count()).toBe(5)

  await page.keyboard.press('Control+Enter')
  await page.getByRole('button', { name: /^Ablated token .*first difference/ }).waitFor()
  await runEnded(page)

  // Along the control text, down to the ablated one, into the lens.
  await tabTo(page, ({ stream }) => stream !== null)
  await page.keyboard.press('ArrowRight')
  await page.getByRole('tooltip').getByText('Control probability').waitFor()
  await page.keyboard.press('ArrowDown')
  expect((await focused(page)).stream).toBe('ablated')
  await page.keyboard.press('Enter')
  await page.getByRole('tab', { name: 'Lens', selected: true }).waitFor()

  // Tabs by arrows.
  await tabTo(page, ({ role }) => role === 'tab')
  await page.keyboard.press('ArrowRight')
  await page.getByRole('tab', { name: 'Attention', selected: true }).waitFor()
  expect(complaints).toEqual([])
  await page.context().close()
})

test('a term explains itself on a press and Escape puts it away', async () => {
  const { page } = await visit(browser, url)
  await page.locator('[data-stream=control]').first().waitFor()
  await tabTo(page, ({ name }) => name === 'Attention heads')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByText('counted from zero').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect((await focused(page)).name).toBe('Attention heads')
  await page.context().close()
})
