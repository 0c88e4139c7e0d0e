import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

export const cell = (page: Page, layer: number, head: number) =>
  page.getByRole('gridcell', { name: new RegExp(`^Layer ${layer} head ${head}(,|$)`) })

export const cutHeads = (page: Page) => page.locator('[data-cell][aria-selected=true]')

export const token = (page: Page, stream: 'prompt' | 'control' | 'ablated', index: number) =>
  page.locator(`[data-stream=${stream}][data-index="${index}"]`)

/** The button that starts a run; while one goes on, another stands in its place. */
export const runButton = (page: Page) =>
  page.getByRole('region', { name: 'Prompt' }).getByRole('button', { name: 'Run inference' })

/** Both texts as the page shows them. */
export async function texts(page: Page) {
  const read = async (stream: string) =>
    (await page.locator(`[data-stream=${stream}]`).allTextContents()).join('')
  return { control: await read('control'), ablated: await read('ablated') }
}

/** Waits until both texts are written to their ends. */
export async function written(page: Page) {
  await expect(page.locator('[data-stream=control]').first()).toBeVisible()
  await expect(runButton(page)).toBeVisible()
}

/** Waits until every head has its score. */
export const coloured = (page: Page) =>
  expect(page.getByRole('gridcell', { name: /^Layer 11 head 11, / })).toBeVisible()

/** The page has come to rest: texts written, grid coloured. Nothing moves under the pointer now. */
export async function settled(page: Page) {
  await written(page)
  await coloured(page)
}

/** What was asked for has come: no place-holder, which is a status with a name, and no progress. */
export async function loaded(page: Page) {
  await expect(page.getByRole('status', { name: /\S/ })).toHaveCount(0)
  await expect(page.getByRole('progressbar')).toHaveCount(0)
}

export type Body = { ablations: unknown[]; continuation: number[] }

/** Keeps the bodies of what is sent to these routes from now on. */
export function sentTo(page: Page, routes: RegExp): Body[] {
  const bodies: Body[] = []
  page.on('request', (request) => {
    if (routes.test(new URL(request.url()).pathname)) bodies.push(request.postDataJSON() as Body)
  })
  return bodies
}

export const expectNoSidewaysScroll = (page: Page) =>
  expect
    .poll(() =>
      page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement
        return scrollWidth - clientWidth
      }),
    )
    .toBeLessThanOrEqual(0)

/**
 * What axe finds wrong with the page, or with one part of it. In the dark only colours are other
 * than in the light: `rules` may be color-contrast alone.
 */
export async function barriers(page: Page, within?: string, rules?: string[]) {
  // A second page and the selectors of all that is right take longer than the rules themselves.
  const axe = new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ['violations'] })
  if (within) axe.include(within)
  if (rules) axe.withRules(rules)
  const { violations } = await axe.analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join(' ')}`)
}

/** Shows a panel: on a narrow window it comes up as a sheet. */
export async function openPanel(page: Page, name: string) {
  const details = page.getByRole('button', { name: 'Details' })
  if (await details.isVisible()) await details.click()
  await page.getByRole('tab', { name }).last().click()
  await expect(page.getByRole('tab', { name, selected: true }).first()).toBeVisible()
}
