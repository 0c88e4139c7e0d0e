import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { barriers, cell, expectNoSidewaysScroll, loaded, settled } from './page'
import { expect, test } from './test'

const prompt = 'When Mary and John went to the store, John gave a drink to'

async function makes(page: Page, title: string, question: string) {
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('radio', { name: 'A classroom link' }).check({ force: true })
  await page.getByRole('textbox', { name: 'Title' }).fill(title)
  await page.getByRole('textbox', { name: 'Question for the class' }).fill(question)
  await page.getByRole('button', { name: 'Make a classroom link' }).click()
  return {
    link: await page.getByRole('textbox', { name: 'For the class', exact: true }).inputValue(),
    teachers: await page.getByRole('textbox', { name: 'For you' }).inputValue(),
  }
}

async function handsIn(page: Page, head: readonly [number, number], name: string, says: string) {
  await expect(page.getByText('Which head writes the name?')).toBeVisible()
  await settled(page)
  await cell(page, ...head).click()
  await expect(page.getByRole('button', { name: `Restore L${head[0]}H${head[1]}` })).toBeVisible()
  await page.getByRole('button', { name: 'Hand in' }).click()
  await page.getByRole('textbox', { name: 'Your answer' }).fill(says)
  await page.getByRole('textbox', { name: 'Name' }).fill(name)
  await page.getByRole('button', { name: 'Hand in', exact: true }).last().click()
  await expect(page.getByText('Handed in.')).toBeVisible()
}

test(
  'a teacher makes a class, two hand in, the teacher sees both and deletes all',
  { tag: '@long' },
  async ({ page, browser }) => {
    await page.goto(`/?p=${prompt.replaceAll(' ', '+')}&n=3&cut=L0H1z`)
    await settled(page)
    const { link, teachers } = await makes(
      page,
      'Who gets the drink?',
      'Which head writes the name?',
    )
    expect(new URL(link).searchParams.get('class')).toBeTruthy()
    expect(new URL(teachers).hash).toMatch(/^#key=/)
    await page.getByRole('link', { name: /See who has opened it/ }).click()
    await expect(page.getByText('Nobody has handed in yet.')).toBeVisible()
    await expect(page.getByText('browsers opened it')).toHaveCount(1)

    // A link that somebody has changed by hand is about the same prompt and settings.
    const ada = await browser.newPage()
    await ada.goto(`${link}&p=Other&n=9`)
    await handsIn(ada, [9, 9], 'Ada', 'L9H9 alone does it.')
    await expect(ada.getByText(prompt, { exact: true }).first()).toBeVisible()
    await expect(ada.getByRole('textbox', { name: 'Prompt' })).toHaveCount(0)
    await expect(ada.getByRole('button', { name: 'Examples' })).toHaveCount(0)
    expect(new URL(ada.url()).searchParams.get('n')).toBe('3')
    // Opened again in one browser it is counted once; handed in again it replaces.
    await ada.reload()
    await settled(ada)
    await ada.getByRole('button', { name: 'Hand in' }).click()
    await ada.getByRole('textbox', { name: 'Name' }).fill('Ada L.')
    await ada.getByRole('button', { name: 'Hand in again' }).click()
    await expect(ada.getByText('Handed in.')).toBeVisible()
    const ben = await browser.newPage()
    await ben.goto(link)
    await handsIn(ben, [10, 0], '', 'Perhaps L10H0?')

    // What is handed in comes in by itself.
    const answers = page.getByRole('list', { name: 'Answers' })
    await expect(answers.getByRole('link', { name: 'Ada L.' })).toBeVisible()
    await expect(answers.getByRole('link', { name: 'Without a name' })).toBeVisible()
    await expect(answers.getByRole('listitem')).toHaveCount(2)
    await expect(answers.getByText('Perhaps L10H0?')).toBeVisible()
    await expect(answers.getByRole('img', { name: 'Cut: L9H9 zero' })).toBeVisible()
    await expect(
      page.locator('dl').filter({ hasText: 'browsers opened it' }).first(),
    ).toContainText('2')
    await expect(page.getByRole('gridcell', { name: /^Layer 9 head 9, Cut 1/ })).toBeVisible()

    for (const name of ['Ada L.', 'Without a name']) {
      await page.getByRole('checkbox', { name: `Compare ${name}` }).check()
    }
    const measures = page.getByRole('region', { name: 'Measures side by side' })
    await expect(measures.getByRole('rowheader', { name: 'Top-1 changed' })).toBeVisible()
    expect(await barriers(page)).toEqual([])
    await page.setViewportSize({ width: 390, height: 844 })
    await expectNoSidewaysScroll(page)
    await page.setViewportSize({ width: 1440, height: 900 })

    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export all' }).click()
    const file = JSON.parse(await readFile(await (await download).path(), 'utf8')) as {
      experiments: { id: string; title: string; results: unknown[] }[]
    }
    expect(file.experiments.map(({ title }) => title).sort()).toEqual(['Ada L.', 'Without a name'])
    expect(file.experiments.every(({ results }) => results.length >= 2)).toBe(true)

    // On another machine the teacher's link does it; the key leaves the address.
    const other = await browser.newPage()
    await other.goto(teachers)
    await expect(other.getByRole('link', { name: 'Ada L.' })).toBeVisible()
    await expect(other).not.toHaveURL(/key/)
    await other.getByRole('button', { name: 'Close', exact: true }).click()
    await expect(other.getByText(/The class is closed/)).toBeVisible()
    await ben.keyboard.press('Escape')
    await ben.getByRole('button', { name: 'Hand in' }).click()
    await expect(ben.getByText(/it takes no more answers/).first()).toBeVisible()

    await answers.getByRole('link', { name: 'Ada L.' }).click()
    const notice = page.getByRole('region', { name: 'Saved experiment' })
    await expect(notice.getByText('Ada L.')).toBeVisible()
    await page.goBack()
    await page.getByRole('button', { name: 'Delete the class with all answers' }).click()
    await page.getByRole('button', { name: 'Delete for good' }).click()
    await expect(page.getByText('Nothing is saved in this browser yet.').last()).toBeVisible()
    for (const path of [
      `/classes/${new URL(link).searchParams.get('class')}`,
      ...file.experiments.map(({ id }) => `/experiments/${id}`),
    ]) {
      expect((await page.request.get(path)).status()).toBe(404)
    }
    await ada.goto(link)
    await expect(ada.getByText('There is no class at this address').first()).toBeVisible()
    for (const each of [ada, ben, other]) await each.close()
  },
)

for (const [colorScheme, width] of [
  ['light', 1440],
  ['dark', 390],
] as const) {
  test.describe(`in ${colorScheme} at ${width} pixels`, () => {
    test.use({ colorScheme, viewport: { width, height: 900 } })
    test('axe finds nothing wrong with a class', { tag: '@long' }, async ({ page }) => {
      const made = await page.request.post('/classes', {
        data: {
          title: 'Who gets the drink?',
          question: 'Which head writes the name?',
          link: `?p=${prompt.replaceAll(' ', '+')}&n=3&m=gpt2-mini-12x12&v=2`,
        },
      })
      const { id } = (await made.json()) as { id: string }
      await page.goto(`/?class=${id}`)
      await expect(page.getByRole('note', { name: 'Prompt, fixed by the class' })).toBeVisible()
      await expect(cell(page, 11, 11)).toBeVisible()
      await loaded(page)
      expect(await barriers(page, 'header')).toEqual([])
      expect(await barriers(page, '[data-tour=prompt]')).toEqual([])
      await page.getByRole('button', { name: 'Hand in' }).press('Enter')
      await expect(page.getByRole('textbox', { name: 'Your answer' })).toBeVisible()
      expect(await barriers(page, '[role=dialog]')).toEqual([])
      await expectNoSidewaysScroll(page)
    })
  })
}
