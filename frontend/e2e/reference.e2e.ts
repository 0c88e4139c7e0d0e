import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Browser } from 'playwright-core'
import { expectNoSidewaysScroll, launch, visit } from './browser'

const url = inject('url')
let browser: Browser

beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

test.each([
  ['light', 1440],
  ['dark', 390],
] as const)(
  'the reference at /docs lists every route in %s at %i pixels',
  async (scheme, width) => {
    const { page, complaints } = await visit(browser, `${url}/docs`, {
      dark: scheme === 'dark',
      width,
    })
    await page.getByRole('heading', { name: /^Attention Surgery/ }).waitFor()
    const document = (await (await fetch(`${url}/openapi.json`)).json()) as {
      paths: Record<string, object>
    }
    const routes = Object.values(document.paths).flatMap((path) => Object.keys(path))
    const listed = page.locator('[data-path]')
    await expect.poll(() => listed.count()).toBe(routes.length)
    await expectNoSidewaysScroll(page)
    expect(complaints).toEqual([])
    await page.context().close()
  },
)

test('a request can be tried there, and the policy of the page forbids nothing of it', async () => {
  const { page, complaints } = await visit(browser, `${url}/docs#/surgery/tokenize`)
  const hosts = new Set<string>()
  page.on('request', (request) =>
    hosts.add(new URL(request.url()).protocol + new URL(request.url()).host),
  )
  await page.getByRole('button', { name: 'Execute' }).click()
  await page.getByText('"prompt_tokens"').or(page.getByText('"tokens"')).first().waitFor()
  expect([...hosts].filter((host) => !host.startsWith('data:'))).toEqual([
    `http:${new URL(url).host}`,
  ])
  expect(complaints).toEqual([])
  await page.context().close()
})
