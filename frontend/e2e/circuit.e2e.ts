import { readFile } from 'node:fs/promises'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { barriers, cell, expectNoSidewaysScroll, launch, visit } from './browser'

const url = inject('url')
let browser: Browser

beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

/** What the server says of these heads, asked by itself. */
async function faithfulnessOf(page: Page, heads: readonly string[]): Promise<string> {
  const ratio = await page.evaluate(async (named) => {
    const answer = await fetch('/circuit', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ task: 'ioi', n: 3, heads: named, measures: [], random: 0 }),
    })
    if (!answer.ok) throw new Error(await answer.text())
    const { faithfulness } = (await answer.json()) as { faithfulness: { ratio: number } }
    return faithfulness.ratio
  }, heads)
  return `${Math.round(ratio * 100)} %`.replace('-', '−')
}

/** What a button saves. */
async function saved(button: Locator): Promise<{ name: string; content: Buffer }> {
  const download = button.page().waitForEvent('download')
  await button.click()
  const file = await download
  return { name: file.suggestedFilename(), content: await readFile(await file.path()) }
}

test('a known circuit is measured, changed by a press, searched for, and cut by', async () => {
  const { page, complaints } = await visit(browser, `${url}/circuit?n=3`)
  const faithfulness = page.getByRole('region', { name: 'Faithfulness' })
  const known = page.getByRole('button', { name: /^Indirect objects/ })
  await faithfulness.getByText(/^\+.* logits over 3 items/).waitFor()
  expect(await known.getAttribute('aria-pressed')).toBe('true')
  const all = await faithfulnessOf(page, ['L0H0', 'L0H1', 'L6H6', 'L7H11'])
  await faithfulness.getByText(all, { exact: true }).waitFor()

  // The graph: its paths as a table, and a head that is looked at by keyboard.
  const graph = page.getByRole('figure', { name: /^Who writes into whom/ })
  await graph.getByRole('slider').focus()
  await page.keyboard.press('End')
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.url()).toMatch(/at=L7H11/)
  await graph.getByRole('button', { name: /show table/ }).click()
  expect(await graph.getByRole('row').count()).toBe(20)
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
  expect(await barriers(page)).toEqual([])
  await expectNoSidewaysScroll(page)

  // A press takes a head out: every number is of what is left; a step back, and it is in again.
  await cell(page, 7, 11).click()
  await page.getByText(/^3 heads of 144/).waitFor()
  const less = await faithfulnessOf(page, ['L0H0', 'L0H1', 'L6H6'])
  expect(less).not.toBe(all)
  await faithfulness.getByText(less, { exact: true }).waitFor()
  expect(await known.getAttribute('aria-pressed')).toBe('false')
  // The paths of the heads that are left are known already.
  await graph.getByRole('button', { name: /show table/ }).click()
  await graph.getByRole('row').nth(8).waitFor()
  expect(await graph.getByRole('row').allTextContents()).not.toContainEqual(
    expect.stringContaining('L7H11'),
  )
  await graph.getByRole('button', { name: /show table/ }).click()
  await page.goBack()
  await faithfulness.getByText(all, { exact: true }).waitFor()

  // Beside random circuits: what is missing, and the curve from few heads to all.
  await page
    .getByRole('region', { name: 'Completeness' })
    .getByText(/^Furthest apart without .* 20 random circuits of this size/)
    .waitFor()
  await page.getByRole('tab', { name: 'Curve' }).click()
  const curve = page.getByRole('figure', { name: /^Faithfulness from few heads to all/ })
  await curve.getByText(/^CPR, the area under f: /).waitFor()
  await curve.getByRole('button', { name: /show table/ }).click()
  await curve.getByRole('row', { name: /^100 % 144 1\.00 / }).waitFor()

  // The machine finds a circuit that keeps half of what the model does.
  await page.getByRole('tab', { name: 'Search' }).click()
  await page.getByRole('spinbutton', { name: /At least/ }).fill('50')
  await page.getByRole('button', { name: 'Look for a circuit' }).click()
  await page.getByText(/^Found: \d+ heads?/).waitFor()
  await page.getByRole('button', { name: 'Use this circuit' }).click()
  await expect.poll(() => page.url()).toMatch(/heads=L\d+H\d+/)
  const heads = new URL(page.url()).searchParams.get('heads')!.split('.')
  await faithfulness.getByText(await faithfulnessOf(page, heads), { exact: true }).waitFor()

  // In the Prompt view every other head is cut.
  await page.getByRole('link', { name: 'Cut everything but the circuit' }).click()
  await page.getByText(`${144 - heads.length} cut · click or drag to cut`).waitFor()
  expect(complaints).toEqual([])
  await page.context().close()
})

test('nothing hangs over on a phone, in the dark, and axe finds nothing wrong', async () => {
  const { page } = await visit(browser, `${url}/circuit?n=2&tab=heads&at=L6H6`, {
    dark: true,
    width: 390,
    touch: true,
  })
  await page.getByRole('figure', { name: /^What each head adds/ }).waitFor()
  expect(await barriers(page)).toEqual([])
  await expectNoSidewaysScroll(page)
  await page.context().close()
})
