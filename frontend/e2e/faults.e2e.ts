import { cell, expectNoSidewaysScroll, settled, texts, token } from './page'
import { expect, test } from './test'

test.describe('failures', () => {
  test.use({ failing: true })

  test('a server that fails in the middle loses nothing of the experiment, and each failure is said', async ({
    page,
  }) => {
    await page.goto('/?p=Once+upon+a+time&n=4&cut=L2H3z')
    await settled(page)
    const before = await texts(page)
    const detail = 'The server met an error of its own.'
    await page.route(/\/(infer|importance|logit-lens)(\/|$)/, (route) =>
      route.fulfill({ status: 500, json: { error: 'InternalError', detail } }),
    )
    await page.getByRole('radio', { name: 'Ablation' }).check({ force: true })
    await page.getByRole('button', { name: 'Ablate Top-5 Heads' }).click()
    await expect(page.getByRole('alert').filter({ hasText: detail }).first()).toBeVisible()
    await cell(page, 1, 1).click()
    await expect(page.getByRole('button', { name: 'Restore L1H1' })).toBeVisible()
    await expect(page.getByRole('button', { name: 'Restore L2H3' })).toBeVisible()

    await page.unrouteAll()
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect(page.getByRole('button', { name: 'Restore L1H1' })).toHaveCount(0)
    await expect.poll(() => texts(page)).toEqual(before)
  })

  test(
    'a panel that could not be loaded says so, and the retry really loads it',
    { tag: '@long' },
    async ({ page }) => {
      await page.goto('/')
      await settled(page)
      await page.route(/ScoresView.*\.js/, (route) => route.abort())
      await page.getByRole('tab', { name: 'Scores' }).last().click()
      const alert = page.getByRole('alert').filter({ hasText: '“Scores” could not be loaded' })
      await expect(alert).toBeVisible()
      // Everything else goes on.
      await cell(page, 9, 9).click()
      await expect(page.getByRole('button', { name: 'Restore L9H9' })).toBeVisible()
      await page.unroute(/ScoresView.*\.js/)
      await alert.getByRole('button', { name: 'Retry' }).click()
      await expect(page.getByRole('button', { name: /^Measure/ })).toBeVisible()
    },
  )

  test(
    'a prompt that is too long is said to be so once, without a retry that cannot help',
    { tag: '@long' },
    async ({ page }) => {
      await page.goto(`/?p=${'word+'.repeat(400)}`)
      const sentence = /The prompt has \d+ tokens, and the model reads at most 256/
      await expect(
        page
          .getByRole('region', { name: 'Prompt' })
          .getByText(sentence)
          .filter({ visible: true })
          .first(),
      ).toBeVisible()
      await page.waitForLoadState('networkidle')
      await expect(page.getByRole('alert')).toHaveCount(0)
      await expect(page.getByRole('button', { name: 'Retry' })).toHaveCount(0)
    },
  )
})

test(
  'a server that takes three seconds for an answer loses nothing of what is done meanwhile',
  { tag: '@long' },
  async ({ page }) => {
    await page.goto('/?p=Once+upon+a+time&n=4')
    await settled(page)
    const figure = page.getByRole('figure', { name: 'Next token' })
    const before = await figure.locator('figcaption').textContent()
    await page.route(/\/(infer|importance|logit-lens)(\/|$)/, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 3000))
      // Another cut may have ended it meanwhile.
      await route.continue().catch(() => undefined)
    })
    await cell(page, 2, 3).click()
    await cell(page, 0, 7).click()
    await page.getByRole('textbox', { name: 'Prompt' }).fill('Once upon a')
    // What stands there is of before, and says so.
    await expect(figure.getByText('the new numbers are on their way')).toBeVisible()
    await expect(figure.locator('figcaption')).toHaveCount(0)
    await expect(figure.locator('figcaption')).toBeVisible()
    expect(await figure.locator('figcaption').textContent()).not.toBe(before)
    await expect(page).toHaveURL(/p=Once\+upon\+a&cut=L0H7z\.L2H3z/)

    await page.goBack()
    await expect(page.getByRole('textbox', { name: 'Prompt' })).toHaveValue('Once upon a time')
    await expect(page.getByRole('list', { name: 'Cut heads' }).getByRole('listitem')).toHaveCount(1)
    await page.goBack()
    await expect(figure.locator('figcaption')).toHaveText(before ?? '')
  },
)

test('what a cut cannot do is said before a run', { tag: '@long' }, async ({ page }) => {
  // So long that no run follows the cut by itself.
  await page.goto('/?p=Once+upon+a+time&n=40')
  await settled(page)
  await page.getByRole('combobox', { name: 'Cut by' }).selectOption('previous')
  await cell(page, 0, 3).click()
  await expect(page.getByRole('button', { name: 'Restore L0H3' })).toBeVisible()
  await expect(page.getByText(/⚠ L0H3 is unchanged/)).toBeVisible()
})

test(
  'the numbers of the legend stand apart, also after a click with the pointer on the cell',
  { tag: '@long' },
  async ({ page }) => {
    await page.goto('/?p=Once+upon+a+time&score=gradient')
    await settled(page)
    await cell(page, 5, 5).click()
    await expect(page.getByRole('button', { name: 'Restore L5H5' })).toBeVisible()
    const gaps = await page.evaluate(() => {
      const boxes = [...document.querySelectorAll('[data-picture-text]')]
        .filter((each) => each.parentElement?.classList.contains('justify-between'))
        .map((each) => each.getBoundingClientRect())
      return boxes.slice(1).map((box, i) => box.left - (boxes[i]?.right ?? Infinity))
    })
    expect(gaps.length).toBe(2)
    expect(Math.min(...gaps)).toBeGreaterThan(4)
  },
)

test(
  'cuts that a link lists in another order are of the run that it shows',
  { tag: '@long' },
  async ({ page }) => {
    await page.goto('/?p=Once+upon+a+time&n=40&cut=L9H9z.L0H3z')
    await settled(page)
    await expect(page.getByText('Written before your last change')).toHaveCount(0)
  },
)

test.describe('in a low window', () => {
  test.use({ viewport: { width: 1440, height: 560 } })
  test(
    'what floats beside a token stays beside it when the page is scrolled',
    { tag: '@long' },
    async ({ page }) => {
      await page.goto('/?p=Once+upon+a+time&n=4')
      await settled(page)
      const first = token(page, 'control', 0)
      const top = async () => (await first.boundingBox())?.y ?? NaN
      await first.focus()
      const note = page.getByRole('tooltip')
      await expect(note).toBeVisible()
      const before = await top()
      await page.evaluate(() => scrollBy(0, 90))
      await expect.poll(async () => before - (await top())).toBeCloseTo(90, 0)
      const gap = async () => {
        const [own, its] = [await first.boundingBox(), await note.boundingBox()]
        if (!own || !its) return NaN
        return Math.max(its.y - own.y - own.height, own.y - its.y - its.height)
      }
      await expect.poll(gap).toBeLessThan(24)
    },
  )
})

test('an unbroken word of 160 letters hangs over nowhere', { tag: '@long' }, async ({ page }) => {
  await page.goto(`/?p=${'x'.repeat(160)}`)
  for (const width of [390, 1440]) {
    await page.setViewportSize({ width, height: 900 })
    await expect(
      page.getByRole('list', { name: 'Prompt tokens as the model sees them' }),
    ).toBeVisible()
    await expectNoSidewaysScroll(page)
  }
})

test.describe('a text that the server refuses', () => {
  test.use({ failing: true })

  test(
    '60,000 letters without a space leave the page as high as it was',
    { tag: '@long' },
    async ({ page }) => {
      const height = () => page.evaluate(() => document.documentElement.scrollHeight)
      for (const width of [390, 1440]) {
        await page.setViewportSize({ width, height: 900 })
        await page.goto('/?p=Once')
        await expect(
          page.getByRole('list', { name: 'Prompt tokens as the model sees them' }),
        ).toBeVisible()
        const before = await height()
        await page.getByRole('textbox', { name: 'Prompt' }).fill('x'.repeat(60_000))
        await expect(
          page.getByRole('alert').filter({ hasText: 'reads at most' }).first(),
        ).toBeVisible()
        await expectNoSidewaysScroll(page)
        // Both the text and the sentence scroll in themselves.
        expect(await height()).toBeLessThan(before + 300)
      }
    },
  )
})
