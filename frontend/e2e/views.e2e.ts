import type { Page } from '@playwright/test'
import {
  barriers,
  cell,
  coloured,
  expectNoSidewaysScroll,
  loaded,
  openPanel,
  runButton,
  settled,
  token,
} from './page'
import { expect, PHONE, test } from './test'

const experiment =
  '/?p=When+Mary+and+John+went+to+the+store,+John+gave+a+drink+to&cut=L0H10z.L7H9m.L9H9z&by=attribution&tok=c0'

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

for (const [colorScheme, width, examined] of [
  ['light', 1920, []],
  ['light', 1440, tabs],
  ['dark', 1440, tabs],
  ['light', 1024, tabs.slice(0, 1)],
  ['light', 390, tabs.slice(0, 3)],
  ['dark', 390, tabs.slice(0, 1)],
] as const) {
  test.describe(`in ${colorScheme} at ${width} pixels`, () => {
    test.use({ colorScheme, viewport: { width, height: 900 } })
    test(
      'nothing hangs over, no letter is small and axe finds nothing wrong',
      { tag: '@long' },
      async ({ page }) => {
        await page.goto(experiment)
        await coloured(page)
        for (const tab of tabs) {
          await openPanel(page, tab)
          await loaded(page)
          await expectNoSidewaysScroll(page)
          expect(await smallLetters(page), tab).toEqual([])
          if (!(examined as readonly string[]).includes(tab)) continue
          // The rest of the page is the same under every tab.
          const within = tab === examined[0] ? undefined : '[role=tabpanel]'
          const rules = colorScheme === 'dark' ? ['color-contrast'] : undefined
          expect(await barriers(page, within, rules), tab).toEqual([])
        }
      },
    )
  })
}

test('a first visit at 1440 × 900 shows prompt, grid, result, texts and next token at once', async ({
  page,
}) => {
  await page.goto('/')
  await settled(page)
  const figure = page.getByRole('figure', { name: 'Next token' })
  for (const part of [
    page.getByRole('textbox', { name: 'Prompt' }),
    cell(page, 0, 0),
    cell(page, 11, 11),
    page.getByRole('region', { name: 'Result' }),
    page.locator('[data-stream=control]').first(),
    page.locator('[data-stream=ablated]').first(),
    figure,
  ]) {
    await expect(part).toBeInViewport({ ratio: 1 })
  }
  expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBe(900)
  expect(await smallLetters(page)).toEqual([])
  expect(await barriers(page)).toEqual([])

  // What a click changes is in view, and it moves nothing.
  const [before, cellBefore] = [await figure.boundingBox(), await cell(page, 9, 9).boundingBox()]
  await cell(page, 9, 9).click()
  await expect(page.getByRole('button', { name: 'Restore L9H9' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Result' }).getByText(/KL/).first()).toBeVisible()
  expect((await figure.boundingBox())?.y).toBe(before?.y)
  // Nor the cell under the pointer, of which more is told once it is cut.
  expect((await cell(page, 9, 9).boundingBox())?.y).toBe(cellBefore?.y)
  await token(page, 'prompt', 3).click({ force: true })
  // All but its lower line, which lies on the list's.
  const lens = page.getByRole('tab', { name: 'Lens', selected: true })
  await expect(lens).toBeInViewport({ ratio: 0.95 })
})

test('dividers are moved by keyboard and remembered', { tag: '@long' }, async ({ page }) => {
  await page.goto('/')
  await settled(page)
  const divider = page.getByRole('separator', { name: 'Width of the grid' })
  const at = Number(await divider.getAttribute('aria-valuenow'))
  await divider.focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await expect(divider).toHaveAttribute('aria-valuenow', String(at + 4))
  await page.reload()
  await expect(divider).toHaveAttribute('aria-valuenow', String(at + 4))
})

test.describe('on a phone', () => {
  test.use(PHONE)
  test('a finger cuts a head and reads a token', async ({ page }) => {
    await page.goto('/')
    await coloured(page)
    const target = cell(page, 9, 9)
    const box = await target.boundingBox()
    expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(24)
    await target.tap()
    await expect(page.getByRole('button', { name: 'Restore L9H9' })).toBeVisible()
    await runButton(page).tap()
    const result = page.getByRole('region', { name: 'Result' })
    await expect(result.getByText(/KL/).first()).toBeVisible()
    await expect(result).toBeInViewport({ ratio: 1 })
    // While both texts are being written: what is pressed stands still.
    await page.getByRole('button', { name: 'Details' }).tap()
    const first = page.locator('[data-stream=control]').first()
    await expect(first).toBeVisible()
    await expect(runButton(page)).toBeVisible()
    await first.tap()
    await expect(page.getByRole('tab', { name: 'Lens', selected: true })).toBeVisible()
    await expectNoSidewaysScroll(page)
  })
})
