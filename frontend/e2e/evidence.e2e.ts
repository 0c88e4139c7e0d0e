import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { barriers, cell, expectNoSidewaysScroll, launch, visit } from './browser'

const url = inject('url')
let browser: Browser

beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

const ROWS = [
  '{"prompt": "When Mary and John went to the store, John gave a drink to", "answer": " Mary", "foil": " John"}',
  '{"prompt": "Nothing is asked here"}',
  '{"prompt": "When Tom and Anna went to the park, Tom gave a ball to", "answer": " Anna", "foil": " Tom"}',
]

test('a file is dropped: its first rows, its errors line by line, and a run over it', async () => {
  const { page, complaints } = await visit(browser, `${url}/evidence?of=attribution`)
  await page.getByText('or dropped here').waitFor()
  const dataTransfer = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer()
    transfer.items.add(new File([text], 'mine.jsonl'))
    return transfer
  }, ROWS.join('\n'))
  await page.getByRole('region', { name: 'Task' }).dispatchEvent('drop', { dataTransfer })
  await page
    .getByRole('list', { name: 'Lines that cannot be used' })
    .getByText(/^Line 2: .*answer/)
    .waitFor()
  await page.getByText(/^The model as it is, on 2 items: right in/).click()
  await page.getByRole('list', { name: 'First items' }).getByText('Tom gave a ball to').waitFor()
  await page.getByRole('button', { name: 'Start run' }).click()
  await page.getByText(/^2 of 2 items, in/).waitFor()

  // Back to a task that items are drawn of, with a parameter of its own.
  await page.getByRole('button', { name: 'Leave mine.jsonl' }).click()
  await page.getByRole('combobox', { name: 'Task' }).selectOption('ioi')
  const drawn = page.waitForRequest((request) => request.url().includes('abc'))
  await page.getByRole('combobox', { name: 'Corruption' }).selectOption('abc')
  expect(new URL((await drawn).url()).searchParams.get('parameters')).toBe('{"corruption":"abc"}')
  await expect.poll(() => page.url()).toContain('with=')
  await page.getByText(/^The model as it is, on 20 items: right in/).waitFor()
  expect(complaints).toEqual([])
  await page.context().close()
})

test('a task is run over its items: means with intervals, a head’s items, and the way on', async () => {
  const { page, complaints } = await visit(browser, `${url}/evidence?n=8&of=attribution`)
  await page.getByRole('combobox', { name: 'Task' }).selectOption('ioi')
  await page.getByText(/^The model as it is, on 8 items: right in/).waitFor()
  await page.getByRole('textbox', { name: 'Name of the run' }).fill('First eight')
  await page.getByRole('button', { name: 'Start run' }).click()
  await page.getByText(/^8 of 8 items, in/).waitFor()
  await page.getByText(/^Over 8 items/).waitFor()
  await expect.poll(() => page.url()).toMatch(/run=/)

  // The bar chart, the grid and the means of its items say the same of a head.
  const figure = page.getByRole('figure', { name: 'Means with 95 % intervals' })
  await figure.getByRole('button', { name: /show table/ }).click()
  const first = figure.getByRole('row').nth(1).getByRole('cell')
  const [name = '', mean = ''] = [
    await figure.getByRole('row').nth(1).getByRole('rowheader').textContent(),
    await first.first().textContent(),
  ].map((text) => text ?? '')
  const [, layer, head] = /^L(\d+)H(\d+)$/.exec(name) ?? []
  const site = cell(page, Number(layer), Number(head))
  expect(await site.getAttribute('aria-label')).toContain(`mean ${mean}`)
  await site.click()
  const strip = page.getByRole('figure', { name: `${name}, item by item` })
  await strip.getByRole('button', { name: /show table/ }).click()
  const scores = await strip
    .getByRole('row')
    .evaluateAll((rows) =>
      rows.slice(1).map((row) => Number(row.children[1]?.textContent?.replace('−', '-'))),
    )
  expect(scores).toHaveLength(8)
  const average = scores.reduce((sum, score) => sum + score, 0) / 8
  expect(Math.abs(average - Number(mean.replace('−', '-')))).toBeLessThan(0.02)

  expect(await barriers(page)).toEqual([])
  await expectNoSidewaysScroll(page)

  // An item opens in the Patch view; the run is kept, and can be deleted.
  await strip.getByRole('button', { name: /show table/ }).click()
  await strip.getByRole('slider').focus()
  await page.keyboard.press('Home')
  await strip.getByRole('link', { name: 'Open in Patch' }).click()
  await page.getByText(/^They differ in \d+ of \d+ tokens/).waitFor()
  await page.getByRole('link', { name: 'Evidence' }).click()
  await page.getByRole('tab', { name: 'Runs' }).click()
  const deletion = page.getByRole('button', { name: 'Delete First eight' })
  await deletion.click()
  await deletion.waitFor({ state: 'detached' })
  expect(complaints).toEqual([])
  await page.context().close()
})

test('a search for a circuit is a run: what it found is drawn, and opens in the Circuit view', async () => {
  const { page, complaints } = await visit(browser, `${url}/evidence?task=ioi&n=3&of=search`)
  await page.getByText(/^The model as it is, on 3 items: right in/).waitFor()
  await page.getByRole('button', { name: 'Start run' }).click()
  await page.getByText(/^Found: \d+ heads?, \d+ % of the whole model\./).waitFor()
  await page.getByText(/^All items together, in/).waitFor()
  const steps = page.getByRole('figure', { name: 'The search, step by step' })
  await steps.getByRole('button', { name: /show table/ }).click()
  expect(await steps.getByRole('row').count()).toBeGreaterThan(1)
  const inside = page.getByRole('gridcell', { name: /circuit in it/ })
  const names = await inside.evaluateAll((cells) =>
    cells.map((each) => /^Layer (\d+) head (\d+)/.exec(each.getAttribute('aria-label') ?? '')),
  )
  expect(await barriers(page)).toEqual([])
  await page.getByRole('link', { name: 'Open in the Circuit view' }).click()
  await expect.poll(() => page.url()).toContain('/circuit?')
  const { searchParams } = new URL(page.url())
  expect(searchParams.get('n')).toBe('3')
  expect(searchParams.get('heads')).toBe(
    names.map((match) => `L${match?.[1]}H${match?.[2]}`).join('.'),
  )
  await page.getByText(new RegExp(`^${names.length} heads? of 144`)).waitFor()
  expect(complaints).toEqual([])
  await page.context().close()
})
