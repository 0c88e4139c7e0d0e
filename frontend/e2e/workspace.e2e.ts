import type { ModelsResponse } from '../src/api/types'
import { cell, runButton, sentTo, settled, texts, written } from './page'
import { expect, test } from './test'

test('Back restores the finished run of the step before, without running it again', async ({
  page,
}) => {
  await page.goto('/')
  await settled(page)
  const before = await texts(page)
  await page.getByRole('button', { name: 'Ablate Top-5 Heads' }).click()
  await expect(page.getByRole('button', { name: /^Restore/ }).first()).toBeVisible()
  await runButton(page).click()
  await expect(
    page.getByRole('button', { name: /^Ablated token .*first difference/ }),
  ).toBeVisible()
  await written(page)
  const runs = sentTo(page, /^\/infer\/stream$/)
  await page.goBack()
  await expect.poll(() => texts(page)).toEqual(before)
  await expect(page.getByText('Written before your last change')).toHaveCount(0)
  expect(runs).toEqual([])
})

test('a cut is made weaker on its chip, an MLP is cut beside the heads, and what is sent says so', async ({
  page,
}) => {
  await page.goto('/?p=Once+upon+a+time&cut=L2H3z')
  await settled(page)
  const sent = sentTo(page, /^\/infer$/)
  const ablations = () => sent.at(-1)?.ablations
  await page.getByRole('button', { name: 'How L2H3 is cut: zero' }).click()
  await page.getByRole('group', { name: 'How L2H3 is cut' }).getByRole('spinbutton').fill('0.5')
  const weaker = { layer: 2, head: 3, method: 'zero', strength: 0.5 }
  await expect.poll(ablations).toEqual([weaker])
  await expect(page).toHaveURL(/cut=L2H3z\*0\.5/)

  await page.keyboard.press('Escape')
  await page.getByRole('gridcell', { name: 'Layer 4 MLP' }).click()
  await expect.poll(ablations).toEqual([weaker, { layer: 4, method: 'zero' }])
  await expect(page.getByRole('button', { name: 'Restore M4' })).toBeVisible()
})

test(
  'scores given the cuts are measured and coloured again when a head is cut',
  { tag: '@long' },
  async ({ page }) => {
    await page.goto('/?p=Once+upon+a+time&score=ablation&given=1')
    await settled(page)
    const other = cell(page, 5, 9)
    const colour = () => other.evaluate((each) => getComputedStyle(each).backgroundColor)
    const before = { words: (await other.getAttribute('aria-label')) ?? '', colour: await colour() }
    const sent = sentTo(page, /^\/importance\/stream$/)
    await cell(page, 0, 0).click()
    await expect.poll(() => sent.at(-1)?.ablations).toMatchObject([{ layer: 0, head: 0 }])
    await expect(page.getByText('given the present cut').first()).toBeVisible()
    await expect(other).not.toHaveAccessibleName(before.words)
    await expect.poll(colour).not.toBe(before.colour)
  },
)

test(
  'what this model cannot cut stays in the link while a text is written',
  { tag: '@long' },
  async ({ page }) => {
    await page.goto('/?p=Once+upon+a+time&cut=L2H3z.L30H20z.L1H1q')
    await settled(page)
    await expect(page.getByText('This model cannot make L30H20')).toBeVisible()
    await page.getByRole('textbox', { name: 'Prompt' }).fill('Once upon a')
    await expect(page).toHaveURL(/p=Once\+upon\+a&/)
    await expect(page).toHaveURL(/cut=L2H3z\.L30H20z\.L1H1q/)
  },
)

test(
  'a model that becomes ready takes nothing over, and a notice offers it',
  { tag: '@long' },
  async ({ page }) => {
    let state = 'loading'
    await page.route('**/models', async (route) => {
      const response = await route.fetch()
      const list = (await response.json()) as ModelsResponse
      const other = { ...list.models[0], name: 'gpt2', title: 'GPT-2 Small', bundled: false, state }
      const json = { ...list, models: [other, ...list.models], preferred: 'gpt2' }
      await route.fulfill({
        response,
        json: state === 'ready' ? { ...json, default: 'gpt2' } : json,
      })
    })
    await page.goto('/')
    await settled(page)
    await cell(page, 2, 3).click()
    const prompt = page.getByRole('textbox', { name: 'Prompt' })
    const before = await prompt.inputValue()
    const notice = page.getByRole('complementary', { name: 'About the model' })
    const change = notice.getByRole('button', { name: 'Switch to GPT-2 Small' })
    await expect(notice).toBeVisible()
    await expect(change).toHaveCount(0)
    const sent = sentTo(page, /^\/infer(\/stream)?$/)

    state = 'ready'
    await expect(change).toBeVisible()
    await expect(prompt).toHaveValue(before)
    await expect(page.getByRole('button', { name: 'Restore L2H3' })).toBeVisible()
    await cell(page, 0, 7).click()
    await expect.poll(() => sent.at(-1)?.ablations.length).toBe(2)
    const models = sent.map((body) => (body as { model?: string }).model)
    expect(new Set(models)).toEqual(new Set(['gpt2-mini-12x12']))
  },
)

for (const hasTouch of [false, true]) {
  test.describe(`at 1024 by 768${hasTouch ? ', by touch' : ''}`, { tag: '@long' }, () => {
    test.use({ viewport: { width: 1024, height: 768 }, hasTouch, isMobile: hasTouch })

    test('every layer of the grid is in view, and so is what a cut of the last changes', async ({
      page,
    }) => {
      await page.goto('/?p=Once+upon+a+time&n=4')
      await settled(page)
      const [first, last] = [cell(page, 0, 0), cell(page, 11, 11)]
      for (const head of [first, last]) await expect(head).toBeInViewport({ ratio: 1 })
      await last.click()
      await expect(last).toHaveAttribute('aria-selected', 'true')
      await expect(first).toBeInViewport({ ratio: 1 })
      const result = page.getByRole('region', { name: 'Result' }).getByText(/ · KL .* nats/)
      const chart = page.getByRole('figure', { name: 'Next token' })
      await expect(result).toBeInViewport({ ratio: 1 })
      // By touch the sentence under the bars is cut off.
      await expect(chart).toBeInViewport({ ratio: 0.9 })
      const size = await last.boundingBox()
      expect(size?.height).toBeGreaterThanOrEqual(hasTouch ? 24 : 14)
    })
  })
}
