import { readFile } from 'node:fs/promises'
import type { Locator, Page } from '@playwright/test'
import { barriers, cell, expectNoSidewaysScroll } from './page'
import { expect, PHONE, test } from './test'

/** What the server says of these heads, asked by itself. */
async function faithfulnessOf(page: Page, heads: readonly string[]): Promise<string> {
  const answer = await page.request.post('/circuit', {
    data: { task: 'ioi', n: 3, heads, measures: [], random: 0 },
  })
  await expect(answer).toBeOK()
  const { faithfulness } = (await answer.json()) as { faithfulness: { ratio: number } }
  return `${Math.round(faithfulness.ratio * 100)} %`.replace('-', '−')
}

/** What a button saves. */
async function saved(button: Locator): Promise<{ name: string; content: Buffer }> {
  const download = button.page().waitForEvent('download')
  await button.click()
  const file = await download
  return { name: file.suggestedFilename(), content: await readFile(await file.path()) }
}

test('a known circuit is measured, changed by a press, and cut by', async ({ page }) => {
  await page.goto('/circuit?n=3')
  const faithfulness = page.getByRole('region', { name: 'Faithfulness' })
  const known = page.getByRole('button', { name: /^Indirect objects/ })
  await expect(faithfulness.getByText(/^\+.* logits over 3 items/)).toBeVisible()
  await expect(known).toHaveAttribute('aria-pressed', 'true')
  const all = await faithfulnessOf(page, ['L0H0', 'L0H1', 'L6H6', 'L7H11'])
  await expect(faithfulness.getByText(all, { exact: true })).toBeVisible()
  expect(await barriers(page)).toEqual([])
  await expectNoSidewaysScroll(page)

  // A press takes a head out: every number is of what is left; a step back, and it is in again.
  await cell(page, 7, 11).click()
  await expect(page.getByText(/^3 heads of 144/)).toBeVisible()
  const less = await faithfulnessOf(page, ['L0H0', 'L0H1', 'L6H6'])
  expect(less).not.toBe(all)
  await expect(faithfulness.getByText(less, { exact: true })).toBeVisible()
  await expect(known).toHaveAttribute('aria-pressed', 'false')
  await page.goBack()
  await expect(faithfulness.getByText(all, { exact: true })).toBeVisible()

  // In the Prompt view every other head is cut.
  await page.getByRole('link', { name: 'Cut everything but the circuit' }).click()
  await expect(page.getByText('140 cut · click or drag to cut')).toBeVisible()
})

test(
  'its graph is walked by keyboard, tabled, and saved as picture and numbers',
  { tag: '@long' },
  async ({ page }) => {
    await page.goto('/circuit?n=3')
    const graph = page.getByRole('figure', { name: /^Who writes into whom/ })
    await graph.getByRole('slider').focus()
    await page.keyboard.press('End')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Enter')
    await expect(page).toHaveURL(/at=L7H11/)
    await graph.getByRole('button', { name: /show table/ }).click()
    await expect(graph.getByRole('row')).toHaveCount(20)
    await graph.getByRole('button', { name: /show table/ }).click()
    const svg = await saved(graph.getByRole('button', { name: /SVG/ }))
    expect(svg.content.toString()).toMatch(/^<svg[^]*L7H11[^]*<\/svg>\s*$/)
    const png = await saved(graph.getByRole('button', { name: /PNG/ }))
    expect(png.content.subarray(1, 4).toString()).toBe('PNG')
    const json = await saved(page.getByRole('button', { name: 'JSON' }))
    const { edges } = JSON.parse(json.content.toString()) as { edges: { edges: unknown[] } }
    expect(edges.edges).toHaveLength(19)
    const csv = await saved(page.getByRole('button', { name: 'CSV' }))
    expect(csv.name).toBe('circuit-paths.csv')
    expect(csv.content.toString().trim().split(/\r?\n/)).toHaveLength(20)
    const graphml = await saved(page.getByRole('button', { name: 'GraphML' }))
    expect(graphml.name).toBe('circuit-paths.graphml')
    expect(graphml.content.toString().match(/<edge /g)).toHaveLength(19)
    const mib = await saved(page.getByRole('button', { name: 'MIB' }))
    const { nodes } = JSON.parse(mib.content.toString()) as {
      nodes: Record<string, { in_graph: boolean; score?: number }>
    }
    expect(nodes['a7.h11']?.in_graph).toBe(true)
    expect(nodes['a7.h11']?.score).toBeGreaterThan(0)
    expect(nodes['a7.h10']).toEqual({ in_graph: false, score: 0 })

    // The paths of the heads that are left are known already.
    await cell(page, 7, 11).click()
    await expect(page.getByText(/^3 heads of 144/)).toBeVisible()
    await graph.getByRole('button', { name: /show table/ }).click()
    await expect(graph.getByRole('row').nth(8)).toBeVisible()
    await expect(graph.getByRole('row').filter({ hasText: 'L7H11' })).toHaveCount(0)
  },
)

test(
  'a circuit is held beside random ones, and one is searched for',
  { tag: '@long' },
  async ({ page }) => {
    await page.goto('/circuit?n=3')
    // What is missing, and the curve from few heads to all.
    await expect(
      page
        .getByRole('region', { name: 'Completeness' })
        .getByText(/^Furthest apart without .* 20 random circuits of this size/),
    ).toBeVisible()
    await page.getByRole('tab', { name: 'Curve' }).click()
    const curve = page.getByRole('figure', { name: /^Faithfulness from few heads to all/ })
    await expect(curve.getByText(/^CPR, the area under f: /)).toBeVisible()
    await curve.getByRole('button', { name: /show table/ }).click()
    await expect(curve.getByRole('row', { name: /^100 % 144 1\.00 / })).toBeVisible()

    // The machine finds a circuit that keeps half of what the model does.
    await page.getByRole('tab', { name: 'Search' }).click()
    await page.getByRole('spinbutton', { name: /At least/ }).fill('50')
    await page.getByRole('button', { name: 'Look for a circuit' }).click()
    await expect(page.getByText(/^Found: \d+ heads?/)).toBeVisible()
    await page.getByRole('button', { name: 'Use this circuit' }).click()
    await expect(page).toHaveURL(/heads=L\d+H\d+/)
    const heads = new URL(page.url()).searchParams.get('heads')!.split('.')
    await expect(
      page
        .getByRole('region', { name: 'Faithfulness' })
        .getByText(await faithfulnessOf(page, heads), { exact: true }),
    ).toBeVisible()
  },
)

test.describe('on a phone', () => {
  test.use({ ...PHONE, colorScheme: 'dark' })
  test('nothing hangs over, and axe finds nothing wrong', { tag: '@long' }, async ({ page }) => {
    await page.goto('/circuit?n=2&tab=heads&at=L6H6')
    await expect(page.getByRole('figure', { name: /^What each head adds/ })).toBeVisible()
    expect(await barriers(page)).toEqual([])
    await expectNoSidewaysScroll(page)
  })
})
