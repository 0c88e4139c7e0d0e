import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { expectNoSidewaysScroll, launch, visit } from './browser'

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
    const { faithfulness } = (await answer.json()) as { faithfulness: { ratio: number } }
    return faithfulness.ratio
  }, heads)
  return `${Math.round(ratio * 100)} %`.replace('-', '−')
}

const expectNoViolations = async (page: Page) => {
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
}

test('a known circuit is measured: the page says what the server says of its heads', async () => {
  const { page, complaints } = await visit(browser, `${url}/circuit?n=3`)
  const faithfulness = page.getByRole('region', { name: 'Faithfulness' })
  const known = page.getByRole('button', { name: /^Indirect objects/ })
  await faithfulness.getByText(/^\+.* logits over 3 items/).waitFor()
  expect(await known.getAttribute('aria-pressed')).toBe('true')
  const all = await faithfulnessOf(page, ['L0H0', 'L0H1', 'L6H6', 'L7H11'])
  await faithfulness.getByText(all, { exact: true }).waitFor()

  expect(complaints).toEqual([])
  await page.context().close()
})

test.each([
  ['dark', 1440],
  ['light', 390],
] as const)(
  'axe finds nothing wrong in %s at %i, and nothing hangs over',
  async (scheme, width) => {
    const { page } = await visit(browser, `${url}/circuit?n=2&tab=heads&at=L6H6`, {
      dark: scheme === 'dark',
      width,
    })
    await page.getByRole('figure', { name: /^What each head adds/ }).waitFor()
    await expectNoViolations(page)
    await expectNoSidewaysScroll(page)
    await page.context().close()
  },
)
