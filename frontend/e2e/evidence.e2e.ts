import { barriers, cell, expectNoSidewaysScroll } from './page'
import { expect, test } from './test'

const ROWS = [
  '{"prompt": "When Mary and John went to the store, John gave a drink to", "answer": " Mary", "foil": " John"}',
  '{"prompt": "Nothing is asked here"}',
  '{"prompt": "When Tom and Anna went to the park, Tom gave a ball to", "answer": " Anna", "foil": " Tom"}',
]

test('a file is dropped: its first rows, its errors line by line, and a run over it', async ({
  page,
}) => {
  await page.goto('/evidence?of=attribution')
  await expect(page.getByText('or dropped here')).toBeVisible()
  const dataTransfer = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer()
    transfer.items.add(new File([text], 'mine.jsonl'))
    return transfer
  }, ROWS.join('\n'))
  await page.getByRole('region', { name: 'Task' }).dispatchEvent('drop', { dataTransfer })
  await expect(
    page.getByRole('list', { name: 'Lines that cannot be used' }).getByText(/^Line 2: .*answer/),
  ).toBeVisible()
  await page.getByText(/^The model as it is, on 2 items: right in/).click()
  await expect(
    page.getByRole('list', { name: 'First items' }).getByText('Tom gave a ball to'),
  ).toBeVisible()
  await page.getByRole('button', { name: 'Start run' }).click()
  await expect(page.getByText(/^2 of 2 items, in/)).toBeVisible()

  // Back to a task that items are drawn of, with a parameter of its own.
  await page.getByRole('button', { name: 'Leave mine.jsonl' }).click()
  await page.getByRole('combobox', { name: 'Task' }).selectOption('ioi')
  // A run is shown: what else can be asked of the task is folded away.
  await page.getByRole('button', { name: /^Parameters, meaning/ }).press('Enter')
  const drawn = page.waitForRequest((request) => request.url().includes('abc'))
  await page.getByRole('combobox', { name: 'Corruption' }).selectOption('abc')
  expect(new URL((await drawn).url()).searchParams.get('parameters')).toBe('{"corruption":"abc"}')
  await expect(page).toHaveURL(/with=/)
  await expect(page.getByText(/^The model as it is, on 20 items: right in/)).toBeVisible()
})

test('a task is run over its items: means with intervals, a head’s items, and the way on', async ({
  page,
}) => {
  await page.goto('/evidence?n=8&of=attribution')
  await page.getByRole('combobox', { name: 'Task' }).selectOption('ioi')
  await expect(page.getByText(/^The model as it is, on 8 items: right in/)).toBeVisible()
  await page.getByRole('textbox', { name: 'Name of the run' }).fill('First eight')
  await page.getByRole('button', { name: 'Start run' }).click()
  await expect(page.getByText(/^8 of 8 items, in/)).toBeVisible()
  await expect(page.getByText(/^Over 8 items/)).toBeVisible()
  await expect(page).toHaveURL(/run=/)
  const task = page.getByRole('region', { name: 'Task' })
  await expect(task.getByRole('textbox', { name: 'Name of the run' })).toBeVisible()
  expect((await task.boundingBox())?.height).toBeLessThan(140)

  // The bar chart, the grid and the means of its items say the same of a head.
  const figure = page.getByRole('figure', { name: 'Means with 95 % intervals' })
  await figure.getByRole('button', { name: /show table/ }).click()
  const row = figure.getByRole('row').nth(1)
  const name = (await row.getByRole('rowheader').textContent()) ?? ''
  const mean = (await row.getByRole('cell').first().textContent()) ?? ''
  const [, layer, head] = /^L(\d+)H(\d+)$/.exec(name) ?? []
  const site = cell(page, Number(layer), Number(head))
  await expect(site).toHaveAccessibleName(new RegExp(`mean ${mean.replaceAll(/[.+]/g, '\\$&')}`))
  await site.click()
  const strip = page.getByRole('figure', { name: `${name}, item by item` })
  await strip.getByRole('button', { name: /show table/ }).click()
  await expect(strip.getByRole('row')).toHaveCount(9)
  const scores = await strip
    .getByRole('row')
    .evaluateAll((rows) =>
      rows.slice(1).map((each) => Number(each.children[1]?.textContent?.replace('−', '-'))),
    )
  const average = scores.reduce((sum, score) => sum + score, 0) / 8
  expect(Math.abs(average - Number(mean.replace('−', '-')))).toBeLessThan(0.02)

  expect(await barriers(page)).toEqual([])
  await expectNoSidewaysScroll(page)

  // An item opens in the Patch view; the run is kept, and can be deleted.
  await strip.getByRole('button', { name: /show table/ }).click()
  await strip.getByRole('slider').focus()
  await page.keyboard.press('Home')
  await strip.getByRole('link', { name: 'Open in Patch' }).click()
  await expect(page.getByText(/^They differ in \d+ of \d+ tokens/)).toBeVisible()
  await page.getByRole('link', { name: 'Evidence' }).click()
  await page.getByRole('tab', { name: 'Runs' }).click()
  const deletion = page.getByRole('button', { name: 'Delete First eight' })
  await deletion.click()
  await expect(deletion).toHaveCount(0)
})

test(
  'a run that is stopped goes on where it was, to its end',
  { tag: '@long' },
  async ({ page }) => {
    await page.goto('/evidence?task=ioi&n=40&of=ablation')
    await page.getByRole('button', { name: 'Start run' }).click()
    await expect(page.getByText(/^[1-9]\d? of 40 items, about/)).toBeVisible()
    await page.getByRole('button', { name: 'Stop' }).click()
    const stopped = await page.getByText(/^Stopped after \d+ of 40 items/).textContent()
    const resumed = page.waitForResponse(/\/resume$/)
    await page.getByRole('button', { name: 'Go on' }).click()
    const { done } = (await (await resumed).json()) as { done: number }
    expect(stopped).toBe(`Stopped after ${done} of 40 items.`)
    await expect(page.getByText(/^40 of 40 items, in/)).toBeVisible()
    await expect(page.getByRole('button', { name: 'Go on' })).toHaveCount(0)
  },
)

test(
  'a search for a circuit is a run: what it found is drawn, and opens in the Circuit view',
  { tag: '@long' },
  async ({ page }) => {
    await page.goto('/evidence?task=ioi&n=3&of=search')
    await expect(page.getByText(/^The model as it is, on 3 items: right in/)).toBeVisible()
    await page.getByRole('button', { name: 'Start run' }).click()
    await expect(page.getByText(/^Found: \d+ heads?, \d+ % of the whole model\./)).toBeVisible()
    await expect(page.getByText(/^All items together, in/)).toBeVisible()
    const steps = page.getByRole('figure', { name: 'The search, step by step' })
    await steps.getByRole('button', { name: /show table/ }).click()
    await expect(steps.getByRole('row').nth(1)).toBeVisible()
    const inside = page.getByRole('gridcell', { name: /circuit in it/ })
    const names = await inside.evaluateAll((cells) =>
      cells.map((each) => /^Layer (\d+) head (\d+)/.exec(each.getAttribute('aria-label') ?? '')),
    )
    expect(await barriers(page)).toEqual([])
    await page.getByRole('link', { name: 'Open in the Circuit view' }).click()
    await expect(page).toHaveURL(/\/circuit\?/)
    const { searchParams } = new URL(page.url())
    expect(searchParams.get('n')).toBe('3')
    expect(searchParams.get('heads')).toBe(
      names.map((match) => `L${match?.[1]}H${match?.[2]}`).join('.'),
    )
    await expect(page.getByText(new RegExp(`^${names.length} heads? of 144`))).toBeVisible()
  },
)
