/**
 * How soon patching of the bundled model is on the screen, from the last key or press on:
 *
 *   npm run measure:patching -- http://localhost:8000
 */
import { chromium } from '@playwright/test'
import { requireBrowser } from './browser.mjs'

const [server = 'http://localhost:8000', times = '5'] = process.argv.slice(2)
const PLACES = ['store', 'park', 'school', 'house', 'garden', 'market', 'church', 'beach']
const MORE = ['q', 'k', 'v', 'pattern']

/** In the page: `shown` is the milliseconds from the next key or press until `done` holds in a drawn frame. */
const watch = (done) => {
  const isDone = new Function(`return ${done}`)
  window.shown = new Promise((resolve) => {
    let from = null
    const start = () => (from ??= performance.now())
    addEventListener('keydown', start, { capture: true, once: true })
    addEventListener('pointerdown', start, { capture: true, once: true })
    const look = () => {
      if (from !== null && isDone()) setTimeout(() => resolve(performance.now() - from))
      else requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })
}

/** Milliseconds from what `act` does until `done` holds; the page watches before anything is done. */
async function untilShown(page, done, act) {
  await page.evaluate(watch, done)
  await act()
  return page.evaluate(() => window.shown)
}

/** Its text without a layout: looking must not slow the page. */
const said = `document.querySelector('main').textContent`
const cell = `document.querySelector('[role=gridcell][aria-label^="Layer 11 head 11, restores"]')`
const isPatched = (name) =>
  `${cell} !== null && !${said}.includes('Measuring patches') && ${said}.includes('Patching ${name} of every head')` +
  ` && ${cell}.closest('[role=grid]').className.includes('opacity-55') === false`
/** The two runs' metric in words: the old one stands until the new prompt is measured. */
const ends = `(/The logit difference is .* in the corrupt one/.exec(${said}) ?? [''])[0]`
const strip = `document.querySelector('[role=grid][aria-label*="by position"]')`

const chooseComponent = (page, name) =>
  page
    .getByRole('radiogroup', { name: 'Component of heads' })
    .getByText(name, { exact: true })
    .click()

const browser = await chromium.launch({
  executablePath: requireBrowser().path,
  args: ['--no-sandbox', '--disable-gpu'],
})
const found = { 'one component': [], 'five components': [], 'by position': [] }

for (let i = 0; i < Number(times); i++) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  const place = PLACES[i % PLACES.length]
  const ask = (first, second, end) =>
    encodeURIComponent(
      `When ${first} and ${second} went to the ${place}, ${second} gave a drink ${end}`,
    )
  const link = `p=${ask('Mary', 'John', 'to')}&c=${ask('John', 'Mary', 't')}&answer=+Mary&foil=+John`
  await page.goto(`${server}/patch?${link}`)
  await page
    .getByText(/they part at|They differ/)
    .first()
    .waitFor()
  const corrupt = page.getByRole('textbox', { name: 'Corrupt' })
  await corrupt.press('Control+End')
  await page.waitForTimeout(1000)

  const before = JSON.stringify(await page.evaluate(ends))
  found['one component'].push(
    await untilShown(page, `${isPatched('z')} && ![${before}, ''].includes(${ends})`, () =>
      page.keyboard.press('o'),
    ),
  )

  let five = found['one component'].at(-1)
  for (const name of MORE) {
    five += await untilShown(page, isPatched(name), () => chooseComponent(page, name))
  }
  found['five components'].push(five)

  await chooseComponent(page, 'z')
  await page.waitForTimeout(500)
  found['by position'].push(
    await untilShown(page, `${strip} !== null && !${said}.includes('Measuring positions')`, () =>
      page.getByRole('gridcell', { name: /^Layer 6 head 6,/ }).click(),
    ),
  )
  await context.close()
}
await browser.close()

for (const [name, values] of Object.entries(found)) {
  const sorted = values.sort((a, b) => a - b)
  const middle = sorted[sorted.length >> 1] ?? NaN
  console.log(
    `${name}: median ${(middle / 1000).toFixed(2)} s, ${(sorted[0] / 1000).toFixed(2)} to ${((sorted.at(-1) ?? NaN) / 1000).toFixed(2)} s`,
  )
}
