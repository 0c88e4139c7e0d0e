import type { Page } from '@playwright/test'
import { cell, cutHeads, settled, written } from './page'
import { expect, test } from './test'

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

test('the whole story with the keyboard alone', async ({ page }) => {
  await page.goto('/')
  await settled(page)

  // The skip link leads into the grid at once.
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(cell(page, 0, 0)).toBeFocused()
  expect(await focused(page)).toMatchObject({ visible: true })

  // The grid is one tab stop; arrows move in it and Space cuts.
  for (let layer = 0; layer < 9; layer++) await page.keyboard.press('ArrowDown')
  for (let head = 0; head < 9; head++) await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Space')
  await expect(cell(page, 9, 9)).toBeFocused()
  await expect(cell(page, 9, 9)).toHaveAccessibleName(/ablated by zero$/)

  // Behind the grid stands the button that cuts the strongest.
  await page.keyboard.press('Tab')
  expect((await focused(page)).name).toBe('Ablate Top-5 Heads')
  await page.keyboard.press('Enter')
  await expect(cutHeads(page)).toHaveCount(5)

  await page.keyboard.press('Control+Enter')
  await expect(
    page.getByRole('button', { name: /^Ablated token .*first difference/ }),
  ).toBeVisible()
  await written(page)

  // Along the control text, down to the ablated one, into the lens.
  await tabTo(page, ({ stream }) => stream !== null)
  await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('tooltip').getByText('Control probability')).toBeVisible()
  await page.keyboard.press('ArrowDown')
  expect((await focused(page)).stream).toBe('ablated')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('tab', { name: 'Lens', selected: true })).toBeVisible()

  // Tabs by arrows.
  await tabTo(page, ({ role }) => role === 'tab')
  await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('tab', { name: 'Attention', selected: true })).toBeVisible()
})
