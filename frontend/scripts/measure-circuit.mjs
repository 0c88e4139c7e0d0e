/**
 * How soon every number of a circuit is on the screen after a head is taken out by a press, on the bundled model:
 *
 *   npm run measure:circuit -- http://localhost:8000
 *
 * The known circuit of `ioi` is shown until it is measured on all items; then one of its heads is pressed.
 */
import { chromium } from '@playwright/test'
import { requireBrowser } from './browser.mjs'

const [server = 'http://localhost:8000', times = '5'] = process.argv.slice(2)
const LEFT = 3

/** In the page: milliseconds from the next press until each of these holds in a drawn frame. */
const watch = (stages) => {
  const tests = stages.map(([name, holds]) => [name, new Function(`return ${holds}`)])
  window.shown = new Promise((resolve) => {
    let from = null
    const found = {}
    addEventListener('pointerdown', () => (from ??= performance.now()), {
      capture: true,
      once: true,
    })
    const look = () => {
      for (const [name, holds] of tests) {
        if (from !== null && !(name in found) && holds()) found[name] = performance.now() - from
      }
      if (Object.keys(found).length === tests.length) setTimeout(() => resolve(found))
      else requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })
}

const card = (title) => `document.querySelector('section[aria-label="${title}"]')`
const isChanged = `document.body.textContent.includes('${LEFT} heads of 144')`
const isOfThis = (title) =>
  `(${isChanged} && ${card(title)}.querySelector('[role=img]') !== null && ${card(title)}.querySelector('.transition-opacity.opacity-55') === null)`
const hasBand = (title) =>
  `(${isOfThis(title)} && ${card(title)}.textContent.includes('random circuits of this size'))`
const svg = `document.querySelector('[aria-label$="Who writes into whom: download SVG"]')`
const isDrawn = `(${isChanged} && ${svg} !== null && ${svg}.getAttribute('aria-disabled') === null)`
const isWhole = `!['Faithfulness', 'Completeness', 'Minimality'].some((title) => /first \\d+ items?/.test(document.querySelector('section[aria-label="' + title + '"]').textContent) || document.querySelector('section[aria-label="' + title + '"] progress') !== null)`
const TITLES = ['Faithfulness', 'Minimality', 'Completeness']
const all = [...TITLES.map(hasBand), isDrawn].join(' && ')
const STAGES = [
  ['first number', isOfThis('Faithfulness')],
  ...TITLES.map((title) => [`${title.toLowerCase()} with random circuits`, hasBand(title)]),
  ['graph', isDrawn],
  ['every number', all],
  ['every number, of all items', `${all} && ${isWhole}`],
]

const browser = await chromium.launch({
  executablePath: requireBrowser().path,
  args: ['--no-sandbox', '--disable-gpu'],
})
const found = Object.fromEntries(STAGES.map(([name]) => [name, []]))

for (let i = 0; i < Number(times); i++) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  await page.addInitScript(() => localStorage.setItem('attention-surgery.tour', 'seen'))
  // Other items each time: what is taken out is measured anew.
  await page.goto(`${server}/circuit?seed=${Date.now() % 100_000}`)
  // Not waitForFunction: the page's policy forbids it to evaluate text.
  const isMeasured = `${all} && ${isWhole}`.replaceAll(isChanged, 'true')
  while (!(await page.evaluate(isMeasured).catch(() => false))) await page.waitForTimeout(100)
  await page.waitForTimeout(1000)
  await page.evaluate(watch, STAGES)
  await page.getByRole('gridcell', { name: /^Layer 7 head 11\b/ }).click()
  const shown = await page.evaluate(() => window.shown)
  for (const [name] of STAGES) found[name].push(shown[name])
  await context.close()
}
await browser.close()

for (const [name, values] of Object.entries(found)) {
  const sorted = values.sort((a, b) => a - b)
  const [least, middle, most] = [0, sorted.length >> 1, sorted.length - 1].map((at) =>
    ((sorted[at] ?? NaN) / 1000).toFixed(2),
  )
  console.log(`${name}: median ${middle} s, ${least} to ${most} s`)
}
