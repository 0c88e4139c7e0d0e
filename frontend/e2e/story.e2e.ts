import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { cell, launch, openPanel, runEnded, settled, texts, visit } from './browser'

const url = inject('url')
let browser: Browser

beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

test('prompt, cut, top five, run, token, lens and metrics', async () => {
  const { page, complaints } = await visit(browser, url)

  // An example is loaded and has been continued already.
  await expect.poll(() => page.getByRole('textbox', { name: 'Prompt' }).inputValue()).not.toBe('')
  await page.getByRole('heading', { name: 'Next token' }).waitFor()
  await page.locator('[data-stream=control]').first().waitFor()
  await runEnded(page)
  const before = await texts(page)
  expect(before.control).toBe(before.ablated)

  // One click changes the next-token view at once.
  const answer = page.waitForResponse((response) => response.url().endsWith('/infer'))
  await cell(page, 9, 9).click()
  const body = (await answer).request().postDataJSON() as { ablations: unknown[] }
  expect(body.ablations).toEqual([{ layer: 9, head: 9, method: 'zero' }])
  await page.getByRole('button', { name: 'Restore L9H9' }).waitFor()

  // The top five by gradient colour the grid and are cut.
  await page.getByRole('button', { name: 'Ablate Top-5 Heads' }).click()
  await expect
    .poll(() => page.getByRole('list', { name: 'Cut heads' }).getByRole('listitem').count())
    .toBe(5)
  expect(await page.getByRole('radio', { name: 'Gradient' }).isChecked()).toBe(true)
  expect(await page.getByRole('gridcell', { name: /Gradient .*, ablated by zero/ }).count()).toBe(5)

  await page
    .getByRole('region', { name: 'Prompt' })
    .getByRole('button', { name: 'Run inference' })
    .click()
  await runEnded(page)
  const after = await texts(page)
  expect(after.control).toBe(before.control)
  expect(after.ablated).not.toBe(before.ablated)
  const first = page.getByRole('button', { name: /^Ablated token .*first difference/ })
  expect(await first.count()).toBe(1)

  // The first difference leads to the lens.
  await first.click()
  await page.getByRole('tab', { name: 'Lens', selected: true }).waitFor()
  await page.getByRole('tabpanel', { name: 'Lens' }).locator('table').first().waitFor()

  await openPanel(page, 'Metrics')
  await page
    .getByText(/predictions changed/)
    .first()
    .waitFor()
  await page.getByRole('figure', { name: /KL per token/ }).waitFor()
  expect(complaints).toEqual([])
  await page.context().close()
})

test('a link reproduces the cut, the texts and the numbers', async () => {
  const { page } = await visit(
    browser,
    `${url}/?p=When+Mary+and+John+went+to+the+store,+John+gave+a+drink+to&cut=L9H9z.L0H10m&n=8&t=1`,
  )
  await page.getByRole('button', { name: 'Restore L0H10' }).waitFor()
  await page.locator('[data-stream=control]').first().waitFor()
  await runEnded(page)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.getByRole('button', { name: 'Share' }).click()
  await page.getByRole('button', { name: 'Link copied' }).waitFor()
  const link = await page.evaluate(() => navigator.clipboard.readText())
  expect(link).toContain('cut=L0H10m.L9H9z')
  expect(link).toMatch(/seed=\d+/)

  const { page: other } = await visit(browser, link)
  await other.locator('[data-stream=control]').first().waitFor()
  await runEnded(other)
  expect(await texts(other)).toEqual(await texts(page))
  const numbers = async (p: typeof page) => {
    await openPanel(p, 'Metrics')
    return p.getByRole('tabpanel', { name: 'Metrics' }).getByRole('definition').allTextContents()
  }
  expect(await numbers(other)).toEqual(await numbers(page))
  await page.context().close()
  await other.context().close()
})

test('undo, redo, invert and clear act on the cut', async () => {
  const { page } = await visit(browser, url)
  await settled(page)
  const cuts = () => page.locator('[data-cell][aria-selected=true]').count()
  await cell(page, 1, 1).click()
  await cell(page, 2, 2).click()
  await page.keyboard.press('Control+z')
  await expect.poll(cuts).toBe(1)
  await page.keyboard.press('Control+Shift+z')
  await expect.poll(cuts).toBe(2)
  await page.getByRole('button', { name: 'Invert' }).click()
  await expect.poll(cuts).toBe(142)
  await page.getByRole('button', { name: 'Clear' }).click()
  await expect.poll(cuts).toBe(0)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(cuts).toBe(142)
  await page.context().close()
})

test('a drag paints a stroke without holes, as one step of undo', async () => {
  const { page } = await visit(browser, url)
  await settled(page)
  const from = await cell(page, 2, 1).boundingBox()
  const to = await cell(page, 2, 8).boundingBox()
  if (!from || !to) throw new Error('no cells')
  await page.mouse.move(from.x + 5, from.y + 5)
  await page.mouse.down()
  await page.mouse.move(to.x + 5, to.y + 5, { steps: 2 })
  await page.mouse.up()
  const cuts = () => page.locator('[data-cell][aria-selected=true]').count()
  await expect.poll(cuts).toBe(8)
  await page.keyboard.press('Control+z')
  await expect.poll(cuts).toBe(0)
  await page.context().close()
})

test('a text is drawn while it is written; stopped, what has come stays', async () => {
  // Drawn anew each time: what was answered before would come at once.
  const { page } = await visit(browser, `${url}/?p=Once+upon+a+time&n=240&t=1`)
  await page.locator('[data-stream=control]').first().waitFor()
  await runEnded(page)
  // Who stops at the third token that is seen: a hand would be too slow for the bundled model.
  await page.evaluate(() => {
    const third = () => document.querySelector('[data-stream=control][data-index="2"]')
    const stop = () =>
      [...document.querySelectorAll('button')].find((each) => each.textContent?.trim() === 'Stop')
    let begun = false
    new MutationObserver((_, observer) => {
      begun ||= third() === null
      if (!begun || third() === null) return
      observer.disconnect()
      stop()?.click()
    }).observe(document.body, { childList: true, subtree: true })
  })
  await page.keyboard.press('Control+Enter')
  await page
    .getByText(/stopped after \d+ token/)
    .first()
    .waitFor()
  const count = await page.locator('[data-stream=control]').count()
  expect(count).toBeGreaterThan(0)
  expect(count).toBeLessThan(240)
  await page.waitForTimeout(500)
  expect(await page.locator('[data-stream=control]').count()).toBe(count)
  await page.context().close()
})

test('exact KL fills the grid layer by layer and names the values', async () => {
  const { page } = await visit(browser, url)
  await settled(page)
  await page.getByRole('radio', { name: 'Ablation' }).check({ force: true })
  await page.getByRole('gridcell', { name: /^Layer 11 head 11, KL/ }).waitFor()
  await cell(page, 9, 9).hover()
  await page.getByText(/^L9H9 · KL .* nats · intact$/).waitFor()
  await page.context().close()
})

test('the tour points, cuts by itself, covers nothing it speaks of and never returns', async () => {
  const { page } = await visit(browser, url, { tour: true })
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
    await tour.getByText(`Step ${step} of 4`).waitFor()
    await expect.poll(overlap).toBe(0)
    // By keyboard alone: the focus stays on the button that goes on.
    await page.keyboard.press('Enter')
  }
  await tour.waitFor({ state: 'detached' })
  expect(await page.locator('[data-cell][aria-selected=true]').count()).toBeGreaterThan(0)
  await page.reload()
  await page.locator('[data-stream=control]').first().waitFor()
  expect(await tour.count()).toBe(0)
  await page.context().close()
})

test('whoever follows a link sees what it shows, and no tour', async () => {
  const { page } = await visit(browser, `${url}/?p=Once+upon+a+time&cut=L9H9z`, { tour: true })
  await page.getByRole('button', { name: 'Restore L9H9' }).waitFor()
  expect(await page.getByRole('dialog').count()).toBe(0)
  await page.context().close()
})

test('a prompt that is too long is said to be so once, without a retry that cannot help', async () => {
  const { page } = await visit(browser, `${url}/?p=${'word+'.repeat(400)}`)
  const prompt = page.getByRole('region', { name: 'Prompt' })
  const sentence = /The prompt has \d+ tokens, and the model reads at most 256/
  await prompt.getByText(sentence).filter({ visible: true }).first().waitFor()
  await page.waitForLoadState('networkidle')
  expect(await page.getByRole('alert').count()).toBe(0)
  expect(await page.getByRole('button', { name: 'Retry' }).count()).toBe(0)
  await page.context().close()
})
