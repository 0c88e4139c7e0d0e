import { fileURLToPath } from 'node:url'
import type { Locator, Page } from '@playwright/test'
import { cell, settled, written } from './page'
import { expect, test } from './test'

/** Where `python -m manual.pictures` takes them from, and makes them small. */
const folder = fileURLToPath(new URL('../../build/screenshots/', import.meta.url))
const CLEAN = 'When Mary and John went to the store, John gave a drink to'
const SWAPPED = 'When John and Mary went to the store, Mary gave a drink to'
const words = encodeURIComponent
const MOVERS = 'cut=L6H6z.L5H9z.L4H10z.L6H5z'
const PROMPT = `/?p=${words(CLEAN)}&n=12&by=ablation&v=2`
const PATCH = `/patch?p=${words(CLEAN)}&c=${words(SWAPPED)}&at=L6H6`
const CIRCUIT = '/circuit?n=10'

type Size = { width: number; height: number; dark?: boolean; touch?: boolean }
type Shot = {
  readonly name: string
  readonly address: string
  readonly size?: Size
  /** What is done before it is taken; what is returned is all that it shows. */
  readonly prepare?: (page: Page) => Promise<Locator | undefined>
}

const WIDE: Size = { width: 1440, height: 900 }
/** So wide that a panel of its own is easily read. */
const PANEL: Size = { width: 1800, height: 1150 }

/** The first example of the model, with the cut that it suggests. */
async function firstExample(page: Page) {
  await settled(page)
  await page.getByRole('button', { name: /^Cut (L\d|these)/ }).click()
  await page.keyboard.press('Control+Enter')
  await page.getByRole('button', { name: /first difference/ }).click()
  await written(page)
  await expect(page.getByRole('progressbar', { name: 'Layers measured' })).toHaveCount(0)
  await expect(page.getByRole('tabpanel').locator('table').first()).toBeVisible()
  return undefined
}

/** The same where texts and lens come up as a sheet. */
async function onPhone(page: Page) {
  await expect(page.getByRole('gridcell', { name: /^Layer 11 head 11, / })).toBeVisible()
  await page.getByRole('button', { name: /^Cut (L\d|these)/ }).click()
  await expect(page.getByRole('gridcell', { name: /^Layer 6 head 6, .*ablated/ })).toBeVisible()
  return undefined
}

/** Both texts are written, and the grid is coloured. */
async function atRest(page: Page) {
  await settled(page)
  await expect(page.getByRole('progressbar', { name: 'Layers measured' })).toHaveCount(0)
  return undefined
}

const panelAtRest = async (page: Page) => {
  await atRest(page)
  await page.waitForLoadState('networkidle')
  return page.getByRole('tabpanel').last()
}

async function patched(page: Page) {
  await expect(page.getByRole('gridcell', { name: /^Layer 0 head 0/ })).toBeVisible()
  await page.waitForLoadState('networkidle')
  await expect(page.getByText(/^Measuring/)).toHaveCount(0)
  return undefined
}

async function runOver(page: Page) {
  await expect(page.getByText(/^The model as it is, on 20 items: right in/)).toBeVisible()
  await page.getByRole('textbox', { name: 'Name of the run' }).fill('Who carries the name')
  await page.getByRole('button', { name: 'Start run' }).click()
  await expect(page.getByText(/^Over 20 items/)).toBeVisible()
  return undefined
}

/** Makes a classroom link of what the page shows: the class's address, and the teacher's. */
async function makeClass(page: Page) {
  await atRest(page)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('radio', { name: 'A classroom link' }).check({ force: true })
  await page.getByRole('textbox', { name: 'Title' }).fill('Who gets the drink?')
  await page
    .getByRole('textbox', { name: 'Question for the class' })
    .fill('Cut as few heads as you can until the model says John. Which are they?')
  await page.getByRole('button', { name: 'Make a classroom link' }).click()
  return page.getByRole('textbox', { name: 'For the class', exact: true }).inputValue()
}

const THREE = [
  [6, 6],
  [5, 9],
  [4, 10],
] as const
const FOUND = [
  { name: 'Ada', says: 'They look at John, and write against him.', heads: [...THREE, [6, 5]] },
  { name: 'Ben', says: 'Three are enough: John is ahead by a third.', heads: THREE },
] as const

/** Cuts these heads in a class, and hands in. */
async function handIn(page: Page, link: string, { name, says, heads }: (typeof FOUND)[number]) {
  await page.goto(link)
  await settled(page)
  for (const [layer, head] of heads) await cell(page, layer, head).click()
  await expect(page.getByText(/parted at|KL/).first()).toBeVisible()
  await page.getByRole('button', { name: 'Hand in' }).click()
  await page.getByRole('textbox', { name: 'Your answer' }).fill(says)
  await page.getByRole('textbox', { name: 'Name' }).fill(name)
  await page.getByRole('button', { name: 'Hand in', exact: true }).last().click()
  await expect(page.getByText('Handed in.')).toBeVisible()
}

async function circuitKnown(page: Page) {
  await expect(
    page.getByRole('region', { name: 'Faithfulness' }).getByText(/logits over 10 items/),
  ).toBeVisible()
  await expect(
    page
      .getByRole('region', { name: 'Completeness' })
      .getByText(/^Furthest apart without .* 20 random circuits of this size/),
  ).toBeVisible()
  await page.waitForLoadState('networkidle')
  return undefined
}

const SHOTS: readonly Shot[] = [
  { name: 'light', address: '/?by=kl', prepare: firstExample },
  { name: 'dark', address: '/?by=kl', size: { ...WIDE, dark: true }, prepare: firstExample },
  {
    name: 'narrow',
    address: '/?by=kl',
    size: { width: 390, height: 844, touch: true },
    prepare: onPhone,
  },
  { name: 'prompt', address: PROMPT, prepare: atRest },
  { name: 'infer', address: `${PROMPT}&${MOVERS}`, prepare: atRest },
  {
    name: 'importance',
    address: `${PROMPT}&tab=scatter`,
    prepare: async (page) => {
      await atRest(page)
      await page.getByRole('button', { name: /^Measure Gradient and/ }).click()
      await expect(page.getByRole('button', { name: /^Measure Gradient and/ })).toHaveCount(0)
      return undefined
    },
  },
  {
    name: 'logit-lens',
    address: `${PROMPT}&${MOVERS}&tab=lens&tok=14`,
    size: PANEL,
    prepare: panelAtRest,
  },
  {
    name: 'attention',
    address: `${PROMPT}&cut=L6H6m&tab=attention&at=L6H6`,
    size: PANEL,
    prepare: panelAtRest,
  },
  {
    name: 'metrics',
    address: `${PROMPT}&${MOVERS}&tab=metrics`,
    size: PANEL,
    prepare: panelAtRest,
  },
  { name: 'code', address: `${PROMPT}&${MOVERS}&tab=code`, size: PANEL, prepare: panelAtRest },
  {
    name: 'cut-editor',
    address: `${PROMPT}&${MOVERS}`,
    size: { width: 1440, height: 1100 },
    prepare: async (page) => {
      await atRest(page)
      await page.getByRole('button', { name: 'How L6H6 is cut: zero' }).click()
      const editor = page.getByRole('group', { name: 'How L6H6 is cut' })
      await expect(editor).toBeVisible()
      await editor.scrollIntoViewIfNeeded()
      return undefined
    },
  },
  {
    name: 'verify',
    address: PROMPT,
    prepare: async (page) => {
      await atRest(page)
      await page.getByRole('button', { name: 'Help' }).click()
      const agreement = page.getByRole('region', { name: 'Agreement with the literature' })
      await agreement.getByRole('button', { name: 'Measure' }).click()
      await expect(agreement.getByText(/agree within their tolerances/)).toBeVisible()
      await agreement.scrollIntoViewIfNeeded()
      return undefined
    },
  },
  {
    name: 'room',
    address: `${PROMPT}&${MOVERS}`,
    prepare: async (page) => {
      await atRest(page)
      await page.getByRole('button', { name: 'Present', exact: true }).click()
      await page.getByRole('button', { name: 'What will it say?' }).click()
      const line = page.getByRole('figure', { name: 'Probability over the layers' })
      await expect(line.getByRole('slider')).toBeVisible()
      return undefined
    },
  },
  {
    name: 'share',
    address: `${PROMPT}&${MOVERS}`,
    size: { width: 1440, height: 420 },
    prepare: async (page) => {
      await atRest(page)
      await page.getByRole('button', { name: 'Share' }).click()
      return undefined
    },
  },
  {
    name: 'models',
    address: PROMPT,
    size: { width: 1440, height: 420 },
    prepare: async (page) => {
      await atRest(page)
      await page
        .getByRole('button', { name: /^gpt2-mini|GPT-2 mini|mini/i })
        .first()
        .click()
      await expect(page.getByRole('list', { name: 'Models' })).toBeVisible()
      return undefined
    },
  },
  {
    name: 'class',
    address: PROMPT,
    prepare: async (page) => {
      await page.goto(await makeClass(page))
      await atRest(page)
      await cell(page, 6, 6).click()
      return undefined
    },
  },
  {
    name: 'class-answers',
    address: PROMPT,
    prepare: async (page) => {
      const link = await makeClass(page)
      for (const found of FOUND) {
        const visitor = await page.context().browser()!.newPage()
        await handIn(visitor, link, found)
        await visitor.close()
      }
      await page.getByRole('link', { name: /See who has opened it/ }).click()
      await expect(
        page.getByRole('list', { name: 'Answers' }).getByRole('link', { name: 'Ben' }),
      ).toBeVisible()
      return undefined
    },
  },
  { name: 'patching', address: PATCH, prepare: patched },
  {
    name: 'patching-dark',
    address: PATCH,
    size: { ...WIDE, dark: true },
    prepare: patched,
  },
  {
    name: 'patching-by-position',
    address: `${PATCH}&of=resid_pre`,
    prepare: async (page) => {
      await expect(page.getByRole('figure', { name: /^Patching resid_pre by layer/ })).toBeVisible()
      return undefined
    },
  },
  { name: 'attribution', address: `${PATCH}&tab=attribution`, prepare: patched },
  { name: 'paths', address: `${PATCH}&tab=paths&input=v`, prepare: patched },
  { name: 'self-repair', address: `${PATCH}&tab=repair`, prepare: patched },
  {
    name: 'interactions',
    address:
      '/patch?p=When+Mary+met&c=When+John+met&answer=+John&foil=+Mary&tab=interactions&at=L6H6',
    prepare: async (page) => {
      await patched(page)
      await page.getByRole('button', { name: 'Measure all 10,296 pairs' }).click()
      await expect(page.getByText(/^Cut alone, L6H6 changes/)).toBeVisible()
      return undefined
    },
  },
  {
    name: 'task',
    address: '/evidence?task=ioi&n=20&of=z',
    prepare: async (page) => {
      await page.getByText(/^The model as it is, on 20 items: right in/).click()
      await page.waitForLoadState('networkidle')
      return undefined
    },
  },
  { name: 'evidence', address: '/evidence?task=ioi&n=20&of=z', prepare: runOver },
  {
    name: 'evidence-items',
    address: '/evidence?task=ioi&n=20&of=z',
    prepare: async (page) => {
      await runOver(page)
      await cell(page, 6, 6).click()
      await expect(page.getByRole('figure', { name: 'L6H6, item by item' })).toBeVisible()
      return undefined
    },
  },
  { name: 'circuit', address: CIRCUIT, prepare: circuitKnown },
  {
    name: 'circuit-curve',
    address: `${CIRCUIT}&tab=curve`,
    prepare: async (page) => {
      await circuitKnown(page)
      const curve = page.getByRole('figure', { name: /^Faithfulness from few heads to all/ })
      await expect(curve.getByText(/^CPR, the area under f: /)).toBeVisible()
      return undefined
    },
  },
  {
    name: 'circuit-search',
    address: '/circuit?n=4&tab=search',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Look for a circuit' }).click()
      await expect(page.getByText(/^Found: \d+ heads?/)).toBeVisible()
      return undefined
    },
  },
  {
    name: 'rest',
    address: '/docs',
    size: { width: 1280, height: 800 },
    prepare: async (page) => {
      await expect(page.locator('[data-path]').first()).toBeVisible()
      return undefined
    },
  },
]

for (const { name, address, size = WIDE, prepare } of SHOTS) {
  const { width, height, dark = false, touch = false } = size
  test.describe(() => {
    test.use({
      viewport: { width, height },
      colorScheme: dark ? 'dark' : 'light',
      hasTouch: touch,
      isMobile: touch,
    })
    test(name, async ({ page }) => {
      await page.goto(address)
      const part = await prepare?.(page)
      await page.waitForLoadState('networkidle')
      // What still loads shows a grey place-holder, which is a status with a name.
      await expect(page.locator('.animate-pulse[role=status]')).toHaveCount(0)
      // What is still measured can be stopped.
      await expect(page.getByRole('button', { name: 'Stop', exact: true })).toHaveCount(0)
      await page.mouse.move(0, 0)
      if (!part) await page.evaluate(() => scrollTo(0, 0))
      await (part ?? page).screenshot({ path: `${folder}${name}.png` })
    })
  })
}
