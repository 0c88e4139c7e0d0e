import type { Locator, Page } from '@playwright/test'
import { barriers, cell, sentTo, settled, written } from './page'
import { expect, test } from './test'

test(
  'a cut is followed by both texts where they are short, and waits for the button where not',
  { tag: '@long' },
  async ({ page }) => {
    await page.goto('/?p=Once+upon+a+time&n=8')
    await settled(page)
    const runs = sentTo(page, /^\/infer\/stream$/)
    const cuts = () => runs.at(-1)?.ablations.length
    await cell(page, 2, 3).click()
    await expect.poll(cuts).toBe(1)
    await cell(page, 0, 7).click()
    await cell(page, 0, 1).click()
    await expect.poll(cuts).toBe(3)
    await written(page)
    await expect(page.getByText('Written before your last change')).toHaveCount(0)

    await page.goto('/?p=Once+upon+a+time&n=60')
    await settled(page)
    const before = runs.length
    await cell(page, 2, 3).click()
    await expect(page.getByText('Written before your last change')).toBeVisible()
    // What would follow by itself would have followed by then.
    await page.waitForTimeout(600)
    expect(runs.length).toBe(before)
  },
)

test('a room guesses the word before it is shown', async ({ page }) => {
  await page.goto('/?p=The+Blue+Mosque+is+located+in+the+city+of&n=4')
  await settled(page)
  await page.getByRole('button', { name: 'Present', exact: true }).click()
  const room = page.getByRole('region', { name: 'Both sentences' })
  const ask = page.getByRole('button', { name: 'What will it say?' })
  await expect(ask).toBeVisible()
  await expect(page.locator('main')).not.toContainText('Istanbul')
  await ask.click()
  await expect(room.getByText('Istanbul')).toBeVisible()
  await expect(page.getByText('Probability over the layers').first()).toBeVisible()

  await cell(page, 0, 1).click()
  await expect(ask).toBeVisible()
  await expect(page.locator('main')).not.toContainText('Paris')
  await ask.click()
  await expect(room.getByText('Paris')).toBeVisible()
  await expect(room.getByText('Without L0H1')).toBeVisible()

  await page.getByRole('button', { name: 'End the presentation' }).click()
  await expect(page.getByRole('textbox', { name: 'Prompt' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Present', exact: true })).toBeFocused()
})

/** Text that is seen, each with its size in pixels. */
const typeSizes = (page: Page) =>
  page.getByRole('main').evaluate((main) => {
    const texts = document.createTreeWalker(main, NodeFilter.SHOW_TEXT)
    const sizes: { text: string; size: number }[] = []
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement
      const text = texts.currentNode.textContent?.trim()
      if (!element || !text || element.closest('.sr-only')) continue
      const zoom = element instanceof SVGGraphicsElement ? (element.getScreenCTM()?.d ?? 1) : 1
      const size = zoom * parseFloat(getComputedStyle(element).fontSize)
      sizes.push({ text, size: Math.round(100 * size) / 100 })
    }
    return sizes
  })

for (const [width, height] of [
  [1920, 1080],
  [1366, 768],
] as const) {
  test.describe(`on ${width} by ${height}`, { tag: '@long' }, () => {
    test.use({ viewport: { width, height } })

    test('what a room sees is large, and fills the screen', async ({ page }) => {
      await page.goto('/?p=The+Blue+Mosque+is+located+in+the+city+of&n=4&cut=L0H1z')
      await settled(page)
      await page.getByRole('button', { name: 'Present', exact: true }).click()
      await page.getByRole('button', { name: 'What will it say?' }).click()
      const line = page.getByRole('figure', { name: 'Probability over the layers' })
      await expect(line.getByRole('slider')).toBeVisible()
      expect((await typeSizes(page)).filter(({ size }) => size < 18)).toEqual([])
      const ends = async (part: Locator) => {
        const box = await part.boundingBox()
        return box ? (box.y + box.height) / height : 0
      }
      for (const part of [line, cell(page, 11, 11)]) {
        await expect.poll(() => ends(part)).toBeGreaterThan(0.85)
        await expect.poll(() => ends(part)).toBeLessThanOrEqual(1)
      }
      expect(await barriers(page)).toEqual([])
    })
  })
}
