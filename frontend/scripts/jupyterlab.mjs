/**
 * Cuts a head by a click in a real JupyterLab; prints what picture and kernel then say, as JSON.
 *
 *   node scripts/jupyterlab.mjs http://localhost:8888/lab/tree/story.ipynb [FOLDER]
 *
 * The notebook's first cell shows a HeadGrid, its second prints `grid.ablations`, its third sets
 * them. Pictures in light and dark go into the folder.
 */
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { requireBrowser } from './browser.mjs'

const [url, folder] = process.argv.slice(2)
const browser = await chromium.launch({
  executablePath: requireBrowser().path,
  args: ['--no-sandbox', '--disable-gpu'],
})
const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } })
page.setDefaultTimeout(240_000)
const complaints = []
page.on('pageerror', (error) => complaints.push(error.message))

const grid = page.getByRole('grid', { name: /^Attention heads/ })
const cell = (layer, head) =>
  grid.getByRole('gridcell', { name: new RegExp(`^Layer ${layer} head ${head}(,|$)`) })
const cut = () => grid.getByRole('gridcell', { selected: true }).evaluateAll(namesOf)
const namesOf = (cells) => cells.map((each) => each.getAttribute('aria-label'))

/** Runs a cell, and waits until its output is there. */
async function run(index) {
  const code = page.locator('.jp-CodeCell').nth(index)
  await code.locator('.cm-content').click()
  await page.keyboard.press('Control+Enter')
  return code
}

async function picture(name) {
  if (!folder) return
  await grid.scrollIntoViewIfNeeded()
  await page.mouse.move(0, 0)
  await page
    .locator('.jp-OutputArea-output')
    .first()
    .screenshot({ path: join(folder, name) })
}

try {
  await page.goto(url)
  await page.locator('.jp-CodeCell').nth(2).waitFor()
  await page.locator('.jp-Notebook-ExecutionIndicator[data-status=idle]').waitFor()
  await run(0)
  await cell(6, 6).click()
  await page.getByText(/First choice|first choice/).waitFor()
  const clicked = await cut()
  const told = await (await run(1)).locator('.jp-OutputArea-output').innerText()
  await picture('light.png')
  await run(2)
  await grid.getByRole('gridcell', { name: /^Layer 5 head 9,.*ablated by mean/ }).waitFor()
  const set = await cut()
  if (folder) {
    await page.getByRole('menuitem', { name: 'Settings' }).click()
    await page.getByText('Theme', { exact: true }).hover()
    await page.getByText('JupyterLab Dark', { exact: true }).click()
    await page.waitForTimeout(1500)
    await picture('dark.png')
    await page.screenshot({ path: join(folder, 'jupyterlab.png') })
  }
  console.log(JSON.stringify({ clicked, told, set, complaints }))
} catch (error) {
  if (folder) await page.screenshot({ path: join(folder, 'failed.png') })
  throw error
} finally {
  await browser.close()
}
