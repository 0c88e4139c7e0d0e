import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { barriers, cell, expectNoSidewaysScroll, launch, settled, visit } from './browser'

const url = inject('url')
const prompt = 'When Mary and John went to the store, John gave a drink to'
let browser: Browser

beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

async function makes(page: Page, title: string, question: string) {
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('radio', { name: 'A classroom link' }).check({ force: true })
  await page.getByRole('textbox', { name: 'Title' }).fill(title)
  await page.getByRole('textbox', { name: 'Question for the class' }).fill(question)
  await page.getByRole('button', { name: 'Make a classroom link' }).click()
  const forClass = page.getByRole('textbox', { name: 'For the class', exact: true })
  await forClass.waitFor()
  return {
    link: await forClass.inputValue(),
    teachers: await page.getByRole('textbox', { name: 'For you' }).inputValue(),
  }
}

async function handsIn(link: string, head: readonly [number, number], name: string, says: string) {
  const visitor = await visit(browser, link)
  const { page } = visitor
  await page.getByText('Which head writes the name?').waitFor()
  await settled(page)
  await cell(page, ...head).click()
  await page.getByRole('button', { name: `Restore L${head[0]}H${head[1]}` }).waitFor()
  await page.getByRole('button', { name: 'Hand in' }).click()
  await page.getByRole('textbox', { name: 'Your answer' }).fill(says)
  await page.getByRole('textbox', { name: 'Name' }).fill(name)
  await page.getByRole('button', { name: 'Hand in', exact: true }).last().click()
  await page.getByText('Handed in.').waitFor()
  return visitor
}

test('a teacher makes a class, two hand in, the teacher sees both and deletes all', async () => {
  const start = `${url}/?p=${prompt.replaceAll(' ', '+')}&n=3&cut=L0H1z`
  const teacher = await visit(browser, start)
  const { page } = teacher
  await settled(page)
  const { link, teachers } = await makes(page, 'Who gets the drink?', 'Which head writes the name?')
  expect(new URL(link).searchParams.get('class')).toBeTruthy()
  expect(new URL(teachers).hash).toMatch(/^#key=/)
  await page.getByRole('link', { name: /See who has opened it/ }).click()
  await page.getByText('Nobody has handed in yet.').waitFor()
  await expect.poll(() => page.getByText('browsers opened it').count()).toBe(1)

  // A link that somebody has changed by hand is about the same prompt and settings.
  const ada = await handsIn(`${link}&p=Other&n=9`, [9, 9], 'Ada', 'L9H9 alone does it.')
  await ada.page.getByText(prompt, { exact: true }).first().waitFor()
  expect(await ada.page.getByRole('textbox', { name: 'Prompt' }).count()).toBe(0)
  expect(await ada.page.getByRole('button', { name: 'Examples' }).count()).toBe(0)
  expect(new URL(ada.page.url()).searchParams.get('n')).toBe('3')
  // Opened again in one browser it is counted once; handed in again it replaces.
  await ada.page.reload()
  await settled(ada.page)
  await ada.page.getByRole('button', { name: 'Hand in' }).click()
  await ada.page.getByRole('textbox', { name: 'Name' }).fill('Ada L.')
  await ada.page.getByRole('button', { name: 'Hand in again' }).click()
  await ada.page.getByText('Handed in.').waitFor()
  const ben = await handsIn(link, [10, 0], '', 'Perhaps L10H0?')

  // What is handed in comes in by itself.
  const answers = page.getByRole('list', { name: 'Answers' })
  await answers.getByRole('link', { name: 'Ada L.' }).waitFor()
  await answers.getByRole('link', { name: 'Without a name' }).waitFor()
  expect(await answers.getByRole('listitem').count()).toBe(2)
  await answers.getByText('Perhaps L10H0?').waitFor()
  await answers.getByRole('img', { name: 'Cut: L9H9 zero' }).waitFor()
  await expect
    .poll(() => page.locator('dl').filter({ hasText: 'browsers opened it' }).first().textContent())
    .toContain('2')
  await page.getByRole('gridcell', { name: /^Layer 9 head 9, Cut 1/ }).waitFor()

  for (const name of ['Ada L.', 'Without a name']) {
    await page.getByRole('checkbox', { name: `Compare ${name}` }).check()
  }
  const measures = page.getByRole('region', { name: 'Measures side by side' })
  await measures.getByRole('rowheader', { name: 'Top-1 changed' }).waitFor()
  expect(await barriers(page)).toEqual([])
  await page.setViewportSize({ width: 390, height: 844 })
  await expectNoSidewaysScroll(page)
  await page.setViewportSize({ width: 1440, height: 900 })

  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export all' }).click()
  const file = JSON.parse(await readFile(await (await download).path(), 'utf8')) as {
    experiments: { title: string; results: unknown[] }[]
  }
  expect(file.experiments.map(({ title }) => title).sort()).toEqual(['Ada L.', 'Without a name'])
  expect(file.experiments.every(({ results }) => results.length >= 2)).toBe(true)

  // On another machine the teacher's link does it; the key leaves the address.
  const other = await visit(browser, teachers)
  await other.page.getByRole('link', { name: 'Ada L.' }).waitFor()
  await expect.poll(() => other.page.url()).not.toContain('key')
  await other.page.getByRole('button', { name: 'Close', exact: true }).click()
  await other.page.getByText(/The class is closed/).waitFor()
  await ben.page.keyboard.press('Escape')
  await ben.page.getByRole('button', { name: 'Hand in' }).click()
  await ben.page
    .getByText(/it takes no more answers/)
    .first()
    .waitFor()

  await page.getByRole('link', { name: 'Ada L.' }).click()
  const notice = page.getByRole('region', { name: 'Saved experiment' })
  await notice.getByText('Ada L.').waitFor()
  await page.goBack()
  await page.getByRole('button', { name: 'Delete the class with all answers' }).click()
  await page.getByRole('button', { name: 'Delete for good' }).click()
  await page.getByText('Nothing is saved in this browser yet.').waitFor()
  for (const path of [
    `/classes/${new URL(link).searchParams.get('class')}`,
    ...file.experiments.map((each) => `/experiments/${(each as unknown as { id: string }).id}`),
  ]) {
    expect((await page.request.get(`${url}${path}`)).status()).toBe(404)
  }
  await ada.page.goto(link)
  await ada.page.getByText('There is no class at this address').first().waitFor()
  expect(teacher.complaints).toEqual([])
  for (const each of [teacher, ada, ben, other]) await each.page.context().close()
})

test('axe finds nothing wrong with a class, in the light and in the dark, wide and narrow', async () => {
  const made = await fetch(`${url}/classes`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      title: 'Who gets the drink?',
      question: 'Which head writes the name?',
      link: `?p=${prompt.replaceAll(' ', '+')}&n=3&m=gpt2-mini-12x12&v=2`,
    }),
  })
  const { id } = (await made.json()) as { id: string }
  for (const [dark, width] of [
    [false, 1440],
    [true, 390],
  ] as const) {
    const { page, complaints } = await visit(browser, `${url}/?class=${id}`, { dark, width })
    await page.getByRole('note', { name: 'Prompt, fixed by the class' }).waitFor()
    await cell(page, 11, 11).waitFor()
    await page.waitForLoadState('networkidle')
    expect(await barriers(page, 'header'), `${width}`).toEqual([])
    expect(await barriers(page, '[data-tour=prompt]'), `${width}`).toEqual([])
    await page.getByRole('button', { name: 'Hand in' }).press('Enter')
    await page.getByRole('textbox', { name: 'Your answer' }).waitFor()
    expect(await barriers(page, '[role=dialog]'), `${width}`).toEqual([])
    await expectNoSidewaysScroll(page)
    expect(complaints).toEqual([])
    await page.context().close()
  }
})
