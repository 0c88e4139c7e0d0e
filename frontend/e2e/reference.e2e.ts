import type { Page } from '@playwright/test'
import { expectNoSidewaysScroll } from './page'
import { expect, test } from './test'

/** Waits until the page lists as many routes as the server has. */
async function listsEveryRoute(page: Page) {
  const document = (await (await page.request.get('/openapi.json')).json()) as {
    paths: Record<string, object>
  }
  const routes = Object.values(document.paths).flatMap((path) => Object.keys(path))
  await expect(page.locator('[data-path]')).toHaveCount(routes.length)
}

test(
  'the reference lists every route, and one can be tried, which its policy allows',
  { tag: '@long' },
  async ({ page, baseURL }) => {
    const origins = new Set<string>()
    page.on('request', (request) => origins.add(new URL(request.url()).origin))
    await page.goto('/docs#/surgery/tokenize')
    await listsEveryRoute(page)
    await page.getByRole('button', { name: 'Execute' }).click()
    await expect(page.getByText('"tokens"').first()).toBeVisible()
    // A data: address is of no origin.
    expect([...origins].filter((origin) => origin !== 'null')).toEqual([baseURL])
  },
)

test.describe('on a phone', () => {
  test.use({ colorScheme: 'dark', viewport: { width: 390, height: 900 } })
  test('the reference lists every route in the dark', { tag: '@long' }, async ({ page }) => {
    await page.goto('/docs')
    await listsEveryRoute(page)
    await expectNoSidewaysScroll(page)
  })
})
