import type { Page } from '@playwright/test'
import {
  cell,
  cutHeads,
  openPanel,
  runButton,
  sentTo,
  settled,
  texts,
  token,
  written,
} from './page'
import { expect, test } from './test'

test('prompt, cut, top five, run, token, lens and metrics', async ({ page }) => {
  await page.goto('/')

  // An example is loaded and has been continued already.
  await expect(page.getByRole('textbox', { name: 'Prompt' })).not.toHaveValue('')
  await expect(page.getByRole('heading', { name: /^Next token/ })).toBeVisible()
  await written(page)
  const before = await texts(page)
  expect(before.control).toBe(before.ablated)

  // One click changes the next-token view at once.
  const sent = sentTo(page, /^\/infer$/)
  await cell(page, 9, 9).click()
  await expect.poll(() => sent.at(-1)?.ablations).toEqual([{ layer: 9, head: 9, method: 'zero' }])
  await expect(page.getByRole('button', { name: 'Restore L9H9' })).toBeVisible()

  // The top five by gradient colour the grid and are cut.
  await page.getByRole('button', { name: 'Ablate Top-5 Heads' }).click()
  await expect(page.getByRole('list', { name: 'Cut heads' }).getByRole('listitem')).toHaveCount(5)
  await expect(page.getByRole('radio', { name: 'Gradient' })).toBeChecked()
  await expect(page.getByRole('gridcell', { name: /Gradient .*, ablated by zero/ })).toHaveCount(5)

  await runButton(page).click()
  const first = page.getByRole('button', { name: /^Ablated token .*first difference/ })
  await expect(first).toHaveCount(1)
  await written(page)
  const after = await texts(page)
  expect(after.control).toBe(before.control)
  expect(after.ablated).not.toBe(before.ablated)

  // The first difference leads to the lens.
  await first.click()
  await expect(page.getByRole('tab', { name: 'Lens', selected: true })).toBeVisible()
  await expect(page.getByRole('tabpanel', { name: 'Lens' }).locator('table').first()).toBeVisible()

  await openPanel(page, 'Metrics')
  await expect(page.getByText(/predictions changed/).first()).toBeVisible()
  await expect(page.getByRole('figure', { name: /KL per token/ })).toBeVisible()
})

test('a link reproduces the cut, the texts and the numbers', async ({ page, context, browser }) => {
  const prompt = 'When+Mary+and+John+went+to+the+store,+John+gave+a+drink+to'
  await page.goto(`/?p=${prompt}&cut=L9H9z.L0H10m&n=8&t=1`)
  await expect(page.getByRole('button', { name: 'Restore L0H10' })).toBeVisible()
  await written(page)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.getByRole('button', { name: 'Share' }).click()
  await expect(page.getByRole('button', { name: 'Link copied' })).toBeVisible()
  const link = await page.evaluate(() => navigator.clipboard.readText())
  expect(link).toContain('cut=L0H10m.L9H9z')
  expect(link).toMatch(/seed=\d+/)

  // Whoever follows a link sees what it shows, and no tour.
  const other = await browser.newPage()
  await other.goto(link)
  await written(other)
  await expect(other.getByRole('dialog')).toHaveCount(0)
  expect(await texts(other)).toEqual(await texts(page))
  const numbers = async (of: Page) => {
    await openPanel(of, 'Metrics')
    const told = of.getByRole('tabpanel', { name: 'Metrics' }).getByRole('definition')
    await expect(told.first()).toBeVisible()
    return told.allTextContents()
  }
  expect(await numbers(other)).toEqual(await numbers(page))
  await other.close()
})

test('a drag paints a stroke without holes, as one step of undo', async ({ page }) => {
  await page.goto('/')
  await settled(page)
  const from = await cell(page, 2, 1).boundingBox()
  const to = await cell(page, 2, 8).boundingBox()
  if (!from || !to) throw new Error('no cells')
  await page.mouse.move(from.x + 5, from.y + 5)
  await page.mouse.down()
  await page.mouse.move(to.x + 5, to.y + 5, { steps: 2 })
  await page.mouse.up()
  const cuts = cutHeads(page)
  await expect(cuts).toHaveCount(8)
  await page.keyboard.press('Control+z')
  await expect(cuts).toHaveCount(0)
  await page.keyboard.press('Control+Shift+z')
  await expect(cuts).toHaveCount(8)
  await page.getByRole('button', { name: 'Invert' }).click()
  await expect(cuts).toHaveCount(136)
  await page.getByRole('button', { name: 'Clear' }).click()
  await expect(cuts).toHaveCount(0)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(cuts).toHaveCount(136)
})

test('a text is drawn while it is written; stopped, what has come stays and is looked into', async ({
  page,
}) => {
  // Drawn anew each time: what was answered before would come at once.
  await page.goto('/?p=Once+upon+a+time&n=240&t=1')
  await written(page)
  // Who presses stop from the third token on: a hand would be too slow for the bundled model.
  await page.evaluate(() => {
    const third = () => document.querySelector('[data-stream=control][data-index="2"]')
    const stop = () =>
      [...document.querySelectorAll('button')].find((each) => each.textContent?.trim() === 'Stop')
    let begun = false
    new MutationObserver(() => {
      begun ||= third() === null
      if (begun && third() !== null) stop()?.click()
    }).observe(document.body, { childList: true, subtree: true })
  })
  await page.keyboard.press('Control+Enter')
  await expect(page.getByText(/stopped after \d+ token/).first()).toBeVisible()
  const count = await page.locator('[data-stream=control]').count()
  expect(count).toBeGreaterThan(0)
  expect(count).toBeLessThan(240)

  const sent = sentTo(page, /^\/logit-lens$/)
  await token(page, 'control', 2).click()
  await expect.poll(() => sent.at(-1)?.continuation.length).toBeGreaterThanOrEqual(3)
  await expect(page.locator('[data-stream=control]')).toHaveCount(count)
})

test(
  'exact KL fills the grid layer by layer and names the values',
  { tag: '@long' },
  async ({ page }) => {
    await page.goto('/')
    await settled(page)
    await page.getByRole('radio', { name: 'Ablation' }).check({ force: true })
    await expect(page.getByRole('gridcell', { name: /^Layer 11 head 11, KL/ })).toBeVisible()
    await cell(page, 9, 9).hover()
    await expect(page.getByText(/^L9H9 · KL .* nats · intact$/)).toBeVisible()
  },
)

test.describe('somebody new', () => {
  test.use({ tour: true })
  test(
    'the tour points, cuts by itself, covers nothing it speaks of and never returns',
    { tag: '@long' },
    async ({ page }) => {
      await page.goto('/')
      await settled(page)
      const tour = page.getByRole('dialog', { name: 'First steps' })
      const overlap = () =>
        page.evaluate(() => {
          const card = document.querySelector('[role=dialog]')?.getBoundingClientRect()
          const target = document.querySelector('[data-toured]')?.getBoundingClientRect()
          if (!card || !target) return null
          return (
            Math.max(0, Math.min(card.right, target.right) - Math.max(card.left, target.left)) *
            Math.max(0, Math.min(card.bottom, target.bottom) - Math.max(card.top, target.top))
          )
        })
      for (const step of [1, 2, 3, 4]) {
        await expect(tour.getByText(`Step ${step} of 4`)).toBeVisible()
        await expect.poll(overlap).toBe(0)
        // By keyboard alone: the focus stays on the button that goes on.
        await page.keyboard.press('Enter')
      }
      await expect(tour).toHaveCount(0)
      await expect(cutHeads(page)).not.toHaveCount(0)
      await page.reload()
      await written(page)
      await expect(tour).toHaveCount(0)
    },
  )
})
