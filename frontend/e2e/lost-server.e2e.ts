import { cell, settled, texts, written } from './page'
import { startServer } from './server'
import { expect, test } from './test'

test.use({ failing: true })

test(
  'the server is killed and started again under the page',
  { tag: '@long' },
  async ({ page }) => {
    const server = await startServer()
    await page.goto(server.url)
    await settled(page)

    await server.kill()
    await cell(page, 9, 9).click()
    const banner = page.getByRole('alert').filter({ hasText: 'The server does not answer' })
    await expect(banner.first()).toBeVisible()

    const again = await startServer(server.port)
    try {
      // Nobody reloads: the banner goes, and the cut made meanwhile is answered.
      await expect(banner).toHaveCount(0)
      await expect(page.getByRole('figure', { name: 'Next token' })).toBeVisible()
      await expect(page.getByRole('button', { name: 'Restore L9H9' })).toBeVisible()
      await expect(page.getByText('Written before your last change')).toHaveCount(0)
      await written(page)
    } finally {
      await again.stop()
    }
  },
)

test(
  'a run that its server took along is written when it is back',
  { tag: '@long' },
  async ({ page }) => {
    const server = await startServer()
    await page.goto(`${server.url}/?p=Once+upon+a+time&n=8&cut=L2H3z`)
    await settled(page)
    const before = await texts(page)
    await server.kill()
    await page.keyboard.press('Control+Enter')
    const failure = page.getByRole('region', { name: 'What the model writes' }).getByRole('alert')
    await expect(failure).toBeVisible()

    const again = await startServer(server.port)
    try {
      await expect(failure).toHaveCount(0)
      await expect.poll(() => texts(page)).toEqual(before)
    } finally {
      await again.stop()
    }
  },
)
