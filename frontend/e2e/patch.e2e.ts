import type { Page } from '@playwright/test'
import { barriers, cell, expectNoSidewaysScroll, loaded } from './page'
import { expect, test } from './test'

const CLEAN = 'When Mary and John went to the store, John gave a drink to'
const SWAPPED = 'When John and Mary went to the store, Mary gave a drink to'
/** The name movers of docs/bundled-model.md. */
const NAME_MOVERS = ['L6H6', 'L5H9', 'L4H10', 'L6H5', 'L7H11']

const clean = `/patch?p=${encodeURIComponent(CLEAN)}`
const link = `${clean}&c=${encodeURIComponent(SWAPPED)}`

const cleanPrompt = (page: Page) => page.getByRole('textbox', { name: 'Clean' })
const corruptPrompt = (page: Page) => page.getByRole('textbox', { name: 'Corrupt' })

/** Shares of all heads, as the grid's cells say them. */
async function restored(page: Page) {
  await expect(page.getByRole('gridcell', { name: /^Layer 0 head 0, restores/ })).toBeVisible()
  await expect(page.getByText('Measuring patches')).toHaveCount(0)
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

test('the names are swapped, and the name movers restore the answer', async ({ page }) => {
  await page.goto(clean)
  await expect(page.getByText('Write a corrupt prompt, or let one be made.').first()).toBeVisible()
  await page.getByRole('button', { name: 'Corrupt it' }).click()
  await page.getByRole('menuitem', { name: /Swap the two names/ }).click()
  await expect(corruptPrompt(page)).toHaveValue(SWAPPED)

  // Both runs' first choices are asked about, and nobody had to write them.
  const answer = page.getByRole('textbox', { name: 'Answer' })
  await expect(answer).toHaveAttribute('placeholder', '␣Mary')
  const foil = page.getByRole('textbox', { name: 'Foil' })
  await expect(foil).toHaveAttribute('placeholder', '␣John')
  await expect(page.getByText('They differ in 3 of 15 tokens')).toBeVisible()

  const heads = await restored(page)
  expect(heads).toHaveLength(144)
  const top = heads.slice(0, 10).map(({ name }) => name)
  expect(top).toEqual(expect.arrayContaining(NAME_MOVERS))

  // A head over the tokens: what it does, it does at the end.
  await cell(page, 6, 6).click()
  await expect(page).toHaveURL(/at=L6H6/)
  const strip = page.getByRole('grid', { name: /^z of L6H6 by position/ })
  await expect(strip).toBeVisible()
  await expect(page.getByText('Measuring positions')).toHaveCount(0)
  await strip.focus()
  await page.keyboard.press('End')
  await expect(strip.getByText(/^L6H6 at ␣to \(14\): \d+ %\.$/)).toBeAttached()

  // Swapped round it is the same question from the other side, and Back is the way back.
  await page.getByRole('button', { name: 'Swap clean and corrupt' }).click()
  await expect(cleanPrompt(page)).toHaveValue(SWAPPED)
  await page.goBack()
  await expect(cleanPrompt(page)).toHaveValue(CLEAN)
})

test('a link brings back component, direction and analysis; attribution ends at the logit difference', async ({
  page,
}) => {
  await page.goto(`${link}&of=resid_pre&dir=noise`)
  await expect(
    page.getByRole('figure', { name: 'Patching resid_pre by layer and position' }),
  ).toBeVisible()
  await expect(page.getByRole('radio', { name: 'destroy' })).toBeChecked()
  await page.getByRole('tab', { name: 'Attribution' }).click()
  const figure = page.getByRole('figure', { name: 'Direct logit attribution' })
  const caption = await figure.getByText(/^logit\(␣Mary\) − logit\(␣John\) = /).textContent()
  const total = /= (−?[\d.]+)\./.exec(caption ?? '')?.[1]
  expect(total).toBeDefined()
  await figure.getByRole('button', { name: /show table/ }).click()
  await expect(figure.getByRole('row').last().getByRole('cell').last()).toHaveText(total!)
  await page.getByRole('tab', { name: 'Code' }).click()
  await expect(page.getByText('HookedTransformer').first()).toBeVisible()
})

test.describe('refusals', () => {
  test.use({ failing: true })

  test(
    'prompts of different length are refused in a sentence, once, and nothing is asked',
    { tag: '@long' },
    async ({ page }) => {
      const asked: string[] = []
      page.on('request', (request) => {
        if (request.url().includes('/patching')) asked.push(request.postData() ?? '')
      })
      const ofBartholomew = () => asked.filter((body) => body.includes('Bartholomew'))
      await page.goto(link)
      await restored(page)
      await corruptPrompt(page).fill(`${SWAPPED} old Bartholomew`)
      await expect(
        page.getByText(/^Clean has 15 tokens, corrupt \d+; they part at/).first(),
      ).toBeVisible()
      expect(ofBartholomew()).toEqual([])
      await corruptPrompt(page).fill(SWAPPED)
      await restored(page)
      // What the model reads as several tokens is refused at the field, which offers the first.
      await page.getByRole('textbox', { name: 'Answer' }).fill('␣Bartholomew')
      await expect(
        page.getByText('“␣Bartholomew” is 5 tokens (␣Bar · th · ol · ome · w)'),
      ).toBeVisible()
      expect(ofBartholomew()).toEqual([])
      await page.getByRole('button', { name: 'Take ␣Bar' }).click()
      await expect.poll(() => asked.some((body) => body.includes('" Bar"'))).toBe(true)
    },
  )
})

test('what feeds a name mover, and what it feeds: a press follows the path', async ({ page }) => {
  await page.goto(`${link}&tab=paths&at=L6H6&input=v`)
  await expect(page.getByText(/^L0H0 feeds the v of L6H6 most/)).toBeVisible()
  await expect(cell(page, 0, 0)).toHaveAccessibleName(/carries \d+ %$/)
  // No path leads back from a later layer.
  await expect(cell(page, 9, 9)).toHaveAccessibleName('Layer 9 head 9')
  await page.getByRole('button', { name: 'L0H0 → v' }).click()
  await expect(page.getByText('L0H0 is in the first layer')).toBeVisible()
  await page.getByText('what it feeds', { exact: true }).click()
  await expect(page.getByText(/^Straight to the logits L0H0 carries/)).toBeVisible()
  await expect(page).toHaveURL(/flow=from/)
})

test('who stands in for a head that is cut: the parts sum to the change', async ({ page }) => {
  await page.goto(`${link}&tab=repair&at=L6H6`)
  const list = page.getByRole('list', { name: 'What cutting L6H6 changes' })
  await expect(list.getByRole('listitem')).toHaveCount(5)
  await expect(list.getByText('LayerNorm')).toBeVisible()
  const values = (await list.getByRole('listitem').allTextContents()).map((text) =>
    Number(/([+−]?[\d.]+)$/.exec(text)?.[1]?.replace('−', '-')),
  )
  const [total = NaN, ...parts] = values.reverse()
  expect(Math.abs(parts.reduce((sum, part) => sum + part, 0) - total)).toBeLessThan(0.02)
})

test(
  'who works with a head: all pairs are measured once, and each head has its row',
  { tag: '@long' },
  async ({ page }) => {
    const asked = 'p=When+Mary+met&c=When+John+met&answer=+John&foil=+Mary'
    await page.goto(`/patch?${asked}&tab=interactions&at=L6H6`)
    const measure = page.getByRole('button', { name: 'Measure all 10,296 pairs' })
    await expect(measure).not.toHaveAttribute('aria-disabled')
    await measure.click()
    await expect(page.getByText(/^Cut alone, L6H6 changes the logit difference by/)).toBeVisible()
    const partner = page.getByRole('list', { name: 'Interactions of L6H6' }).getByRole('button')
    const name = (await partner.first().textContent()) ?? ''
    const [, layer, head] = /^L(\d+)H(\d+)$/.exec(name) ?? []
    const said = await cell(page, Number(layer), Number(head)).getAttribute('aria-label')
    const value = /with L6H6 ([+−][\d.]+)$/.exec(said ?? '')?.[1]
    expect(value).toBeDefined()

    // From the other side it is the same number, and nothing is measured again.
    await partner.first().click()
    await expect(page.getByText(`Interactions of ${name}`).first()).toBeVisible()
    await expect(cell(page, 6, 6)).toHaveAccessibleName(`Layer 6 head 6, with ${name} ${value}`)
  },
)

test(
  'kinds of heads are marked on the grid of both views, and cuts come along',
  { tag: '@long' },
  async ({ page }) => {
    await page.goto(`/?p=${encodeURIComponent(CLEAN)}&cut=L6H5z&by=none`)
    const marks = page.getByRole('combobox', { name: 'Marks: kinds of heads' })
    await marks.selectOption('measured')
    const kinds = page.getByRole('list', { name: 'Kinds of heads' })
    await expect(kinds.getByText('Induction heads')).toBeVisible()
    await expect(cell(page, 1, 10)).toHaveAccessibleName(/induction heads/)
    await marks.selectOption('published')
    // The name movers of docs/bundled-model.md.
    await expect(cell(page, 6, 6)).toHaveAccessibleName(/name-mover heads/)
    await expect(page.getByText('Source: docs/bundled-model.md.')).toBeVisible()
    await expect(page).toHaveURL(/marks=published/)

    await page.getByRole('link', { name: 'Patch' }).click()
    const cuts = page.getByRole('region', { name: 'Cut in both runs' })
    await expect(cuts.getByText('L6H5')).toBeVisible()
    await expect(page).toHaveURL(/cut=L6H5z/)
    await restored(page)
    // A head that is cut in both runs carries nothing; the others carry otherwise than without.
    await expect(cell(page, 6, 5)).toHaveAccessibleName(/restores (0|<0.01) %, ablated by zero/)
    const given = (await cell(page, 6, 6).getAttribute('aria-label')) ?? ''
    expect(given).toMatch(/restores/)
    await cuts.getByRole('button', { name: 'Clear' }).click()
    await expect(cuts).toHaveCount(0)
    await expect(cell(page, 6, 6)).not.toHaveAccessibleName(given)
    await expect(page).not.toHaveURL(/cut=/)

    // Cleared here, they stay cleared when one comes back.
    await page.getByRole('link', { name: 'Prompt' }).click()
    await page.getByRole('link', { name: 'Patch' }).click()
    await restored(page)
    await expect(cuts).toHaveCount(0)
  },
)

const tabs = ['Patching', 'Attribution', 'Paths', 'Interactions', 'Self-repair', 'Code']

for (const [colorScheme, width] of [
  ['light', 1440],
  ['dark', 1440],
  ['light', 390],
] as const) {
  test.describe(`in ${colorScheme} at ${width} pixels`, () => {
    test.use({ colorScheme, viewport: { width, height: 900 } })
    test('axe finds nothing wrong with the Patch view', { tag: '@long' }, async ({ page }) => {
      await page.goto(`${link}&at=L6H6`)
      await restored(page)
      for (const tab of tabs) {
        await page.getByRole('tab', { name: tab }).click()
        await loaded(page)
        // The rest of the page is much the same under every tab.
        const within = tab === tabs[0] ? undefined : '[role=tabpanel]'
        const rules = colorScheme === 'dark' ? ['color-contrast'] : undefined
        expect(await barriers(page, within, rules), tab).toEqual([])
        await expectNoSidewaysScroll(page)
      }
    })
  })
}
