import { cell, sentTo, settled, written } from './page'
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
  const ask = room.getByRole('button', { name: 'What will it say?' })
  await expect(ask).toBeVisible()
  await expect(page.locator('html')).toHaveCSS('font-size', '18px')
  await expect(room).not.toContainText('Istanbul')
  await ask.click()
  await expect(room.getByText('Istanbul')).toBeVisible()
  await expect(page.getByText('Probability over the layers').first()).toBeVisible()

  await cell(page, 0, 1).click()
  await expect(ask).toBeVisible()
  await expect(room).not.toContainText('Paris')
  await ask.click()
  await expect(room.getByText('Paris')).toBeVisible()
  await expect(room.getByText('Without L0H1')).toBeVisible()

  await page.getByRole('button', { name: 'End the presentation' }).click()
  await expect(page.getByRole('textbox', { name: 'Prompt' })).toBeVisible()
  await expect(page.locator('html')).toHaveCSS('font-size', '16px')
})
