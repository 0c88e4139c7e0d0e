import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { barriers, cell, expectNoSidewaysScroll, launch, visit } from './browser'

const CLEAN = 'When Mary and John went to the store, John gave a drink to'
const SWAPPED = 'When John and Mary went to the store, Mary gave a drink to'
/** The name movers of docs/bundled-model.md. */
const NAME_MOVERS = ['L6H6', 'L5H9', 'L4H10', 'L6H5', 'L7H11']

const url = inject('url')
const link = `${url}/patch?p=${encodeURIComponent(CLEAN)}&c=${encodeURIComponent(SWAPPED)}`
let browser: Browser

beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

/** Shares of all heads, as the grid's cells say them. */
async function restored(page: Page) {
  await page.getByRole('gridcell', { name: /^Layer 0 head 0, restores/ }).waitFor()
  await page.getByText('Measuring patches').waitFor({ state: 'detached' })
  const names = await page
    .getByRole('gridcell', { name: /restores/ })
    .evaluateAll((cells) => cells.map((each) => each.getAttribute('aria-label') ?? ''))
  return names
    .map((name) => {
      const [, layer, head, sign, share] =
        /^Layer (\d+) head (\d+), restores (−?)<?([\d.]+) %$/.exec(name) ?? []
      return { name: `L${layer}H${head}`, share: (sign ? -1 : 1) * Number(share) }
    })
    .sort((a, b) => b.share - a.share)
}

test('the names are swapped, and the name movers restore the answer', async () => {
  const { page, complaints } = await visit(browser, `${url}/patch?p=${encodeURIComponent(CLEAN)}`)
  await page.getByText('Write a corrupt prompt, or let one be made.').first().waitFor()
  await page.getByRole('button', { name: 'Corrupt it' }).click()
  await page.getByRole('menuitem', { name: /Swap the two names/ }).click()
  expect(await page.getByRole('textbox', { name: 'Corrupt' }).inputValue()).toBe(SWAPPED)

  // Both runs' first choices are asked about, and nobody had to write them.
  await page.getByRole('textbox', { name: 'Answer' }).waitFor()
  await expect
    .poll(() => page.getByRole('textbox', { name: 'Answer' }).getAttribute('placeholder'))
    .toBe('␣Mary')
  await expect
    .poll(() => page.getByRole('textbox', { name: 'Foil' }).getAttribute('placeholder'))
    .toBe('␣John')
  await page.getByText('They differ in 3 of 15 tokens').waitFor()

  const heads = await restored(page)
  expect(heads).toHaveLength(144)
  const top = heads.slice(0, 10).map(({ name }) => name)
  for (const mover of NAME_MOVERS) expect(top).toContain(mover)

  // A head over the tokens: what it does, it does at the end.
  await cell(page, 6, 6).click()
  await expect.poll(() => page.url()).toContain('at=L6H6')
  const strip = page.getByRole('grid', { name: /^z of L6H6 by position/ })
  await strip.waitFor()
  await page.getByText('Measuring positions').waitFor({ state: 'detached' })
  await strip.focus()
  await page.keyboard.press('End')
  await strip.getByText(/^L6H6 at ␣to \(14\): \d+ %\.$/).waitFor({ state: 'attached' })

  // Swapped round it is the same question from the other side, and Back is the way back.
  await page.getByRole('button', { name: 'Swap clean and corrupt' }).click()
  await expect.poll(() => page.getByRole('textbox', { name: 'Clean' }).inputValue()).toBe(SWAPPED)
  await page.goBack()
  await expect.poll(() => page.getByRole('textbox', { name: 'Clean' }).inputValue()).toBe(CLEAN)
  expect(complaints).toEqual([])
  await page.context().close()
})

test('a link brings back component, direction and analysis; attribution ends at the logit difference', async () => {
  const { page } = await visit(browser, `${link}&of=resid_pre&dir=noise`)
  await page.getByRole('figure', { name: 'Patching resid_pre by layer and position' }).waitFor()
  expect(await page.getByRole('radio', { name: 'destroy' }).isChecked()).toBe(true)
  await page.getByRole('tab', { name: 'Attribution' }).click()
  const figure = page.getByRole('figure', { name: 'Direct logit attribution' })
  const caption = await figure.getByText(/^logit\(␣Mary\) − logit\(␣John\) = /).textContent()
  const total = /= (−?[\d.]+)\./.exec(caption ?? '')?.[1]
  await figure.getByRole('button', { name: /show table/ }).click()
  expect(await figure.getByRole('row').last().getByRole('cell').last().textContent()).toBe(total)
  await page.getByRole('tab', { name: 'Code' }).click()
  await page.getByText('HookedTransformer').first().waitFor()
  await page.context().close()
})

test('prompts of different length are refused in a sentence, once, and nothing is asked', async () => {
  const { page } = await visit(browser, link)
  await restored(page)
  const asked: string[] = []
  page.on('request', (request) => {
    if (request.url().includes('/patching')) asked.push(request.url())
  })
  await page.getByRole('textbox', { name: 'Corrupt' }).fill(`${SWAPPED} old Bartholomew`)
  await page
    .getByText(/^Clean has 15 tokens, corrupt \d+; they part at/)
    .first()
    .waitFor()
  expect(asked).toEqual([])
  await page.getByRole('textbox', { name: 'Corrupt' }).fill(SWAPPED)
  await restored(page)
  // What the model reads as several tokens is refused at the field, which offers the first.
  asked.length = 0
  await page.getByRole('textbox', { name: 'Answer' }).fill('␣Bartholomew')
  await page.getByText('“␣Bartholomew” is 5 tokens (␣Bar · th · ol · ome · w)').waitFor()
  expect(asked).toEqual([])
  await page.getByRole('button', { name: 'Take ␣Bar' }).click()
  await expect.poll(() => asked.length).toBeGreaterThan(0)
  await page.context().close()
})

test('what feeds a name mover, and what it feeds: a press follows the path', async () => {
  const { page } = await visit(browser, `${link}&tab=paths&at=L6H6&input=v`)
  await page.getByText(/^L0H0 feeds the v of L6H6 most/).waitFor()
  expect(await cell(page, 0, 0).getAttribute('aria-label')).toMatch(/carries \d+ %$/)
  // No path leads back from a later layer.
  expect(await cell(page, 9, 9).getAttribute('aria-label')).toBe('Layer 9 head 9')
  await page.getByRole('button', { name: 'L0H0 → v' }).click()
  await page.getByText('L0H0 is in the first layer').waitFor()
  await page.getByText('what it feeds', { exact: true }).click()
  await page.getByText(/^Straight to the logits L0H0 carries/).waitFor()
  await expect.poll(() => page.url()).toContain('flow=from')
  await page.context().close()
})

test('who stands in for a head that is cut: the parts sum to the change', async () => {
  const { page } = await visit(browser, `${link}&tab=repair&at=L6H6`)
  const list = page.getByRole('list', { name: 'What cutting L6H6 changes' })
  await list.waitFor()
  const values = (await list.getByRole('listitem').allTextContents()).map((text) =>
    Number(/([+−]?[\d.]+)$/.exec(text)?.[1]?.replace('−', '-')),
  )
  expect(values).toHaveLength(5)
  const [total = NaN, ...parts] = values.reverse()
  expect(Math.abs(parts.reduce((sum, part) => sum + part, 0) - total)).toBeLessThan(0.02)
  expect(await list.getByText('LayerNorm').isVisible()).toBe(true)
  await page.context().close()
})

test('who works with a head: all pairs are measured once, and each head has its row', async () => {
  const asked = 'p=When+Mary+met&c=When+John+met&answer=+John&foil=+Mary'
  const { page } = await visit(browser, `${url}/patch?${asked}&tab=interactions&at=L6H6`)
  const measure = page.getByRole('button', { name: 'Measure all 10,296 pairs' })
  await expect.poll(() => measure.getAttribute('aria-disabled')).toBeNull()
  await measure.click()
  await page.getByText(/^Cut alone, L6H6 changes the logit difference by/).waitFor()
  const partner = page.getByRole('list', { name: 'Interactions of L6H6' }).getByRole('button')
  const name = (await partner.first().textContent()) ?? ''
  const [, layer, head] = /^L(\d+)H(\d+)$/.exec(name) ?? []
  const said = await cell(page, Number(layer), Number(head)).getAttribute('aria-label')
  const value = /with L6H6 ([+−][\d.]+)$/.exec(said ?? '')?.[1]
  expect(value).toBeDefined()

  // From the other side it is the same number, and nothing is measured again.
  await partner.first().click()
  await page.getByText(`Interactions of ${name}`).first().waitFor()
  expect(await cell(page, 6, 6).getAttribute('aria-label')).toBe(
    `Layer 6 head 6, with ${name} ${value}`,
  )
  await page.context().close()
})

test('kinds of heads are marked on the grid of both views, and cuts come along', async () => {
  const { page } = await visit(browser, `${url}/?p=${encodeURIComponent(CLEAN)}&cut=L6H5z&by=none`)
  const marks = page.getByRole('combobox', { name: 'Marks: kinds of heads' })
  await marks.selectOption('measured')
  const kinds = page.getByRole('list', { name: 'Kinds of heads' })
  await kinds.getByText('Induction heads').waitFor()
  expect(await cell(page, 1, 10).getAttribute('aria-label')).toContain('induction heads')
  await marks.selectOption('published')
  // The name movers of docs/bundled-model.md.
  expect(await cell(page, 6, 6).getAttribute('aria-label')).toContain('name-mover heads')
  await page.getByText('Source: docs/bundled-model.md.').waitFor()
  await expect.poll(() => page.url()).toContain('marks=published')

  await page.getByRole('link', { name: 'Patch' }).click()
  const cuts = page.getByRole('region', { name: 'Cut in both runs' })
  await cuts.getByText('L6H5').waitFor()
  await expect.poll(() => page.url()).toContain('cut=L6H5z')
  await restored(page)
  // A head that is cut in both runs carries nothing; the others carry otherwise than without.
  const said = (layer: number, head: number) => cell(page, layer, head).getAttribute('aria-label')
  expect(await said(6, 5)).toMatch(/restores (0|<0.01) %, ablated by zero/)
  const given = await said(6, 6)
  await cuts.getByRole('button', { name: 'Clear' }).click()
  await cuts.waitFor({ state: 'detached' })
  await expect.poll(() => said(6, 6)).not.toBe(given)
  expect(page.url()).not.toContain('cut=')

  // Cleared here, they stay cleared when one comes back.
  await page.getByRole('link', { name: 'Prompt' }).click()
  await page.getByRole('link', { name: 'Patch' }).click()
  await restored(page)
  expect(await cuts.count()).toBe(0)
  await page.context().close()
})

const tabs = ['Patching', 'Attribution', 'Paths', 'Interactions', 'Self-repair', 'Code']

test.each([
  ['light', 1440],
  ['dark', 1440],
  ['light', 390],
] as const)('axe finds nothing wrong in %s at %i pixels', async (scheme, width) => {
  const { page } = await visit(browser, `${link}&at=L6H6`, { dark: scheme === 'dark', width })
  await restored(page)
  for (const tab of tabs) {
    await page.getByRole('tab', { name: tab }).click()
    await page.waitForLoadState('networkidle')
    // The rest of the page is much the same under every tab.
    const within = tab === tabs[0] ? undefined : '[role=tabpanel]'
    const rules = scheme === 'dark' ? ['color-contrast'] : undefined
    expect(await barriers(page, within, rules), tab).toEqual([])
    await expectNoSidewaysScroll(page)
  }
  await page.context().close()
})
