/**
 * How soon patching of the bundled model is on the screen, from the last key or press on:
 *
 *   npm run measure:patching -- http://localhost:8000
 */
import { chromium } from 'playwright-core'
import { requireBrowser } from './browser.mjs'

const [server = 'http://localhost:8000', times = '5'] = process.argv.slice(2)
const PLACES = ['store', 'park', 'school', 'house', 'garden', 'market', 'church', 'beach']
const MORE = ['q', 'k', 'v', 'pattern']

/** Milliseconds from the next key or press until `done` holds in a frame that is drawn. */
const untilShown = (done) =>
  new Promise((resolve) => {
    let from = null
    const start = () => (from = performance.now())
    addEventListener('keydown', start, { capture: true, once: true })
    addEventListener('pointerdown', start, { capture: true, once: true })
    const isDone = new Function(`return ${done}`)
    const look = () => {
      if (from !== null && isDone()) setTimeout(() => resolve(performance.now() - from))
      else requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })

const said = `document.querySelector('main').innerText`
const cell = `document.querySelector('[role=gridcell][aria-label^="Layer 11 head 11, restores"]')`
const isPatched = (name) =>
  `${cell} !== null && !${said}.includes('Measuring patches') && ${said}.includes('Patching ${name} of every head')` +
  ` && ${cell}.closest('[role=grid]').className.includes('opacity-55') === false`
const strip = `document.querySelector('[role=grid][aria-label*="by position"]')`

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

  const one = page.evaluate(untilShown, isPatched('z'))
  await page.keyboard.press('o')
  found['one component'].push(await one)

  let five = found['one component'].at(-1)
  for (const name of MORE) {
    const next = page.evaluate(untilShown, isPatched(name))
    await page.getByText(name, { exact: true }).first().click()
    five += await next
  }
  found['five components'].push(five)

  await page.getByText('z', { exact: true }).first().click()
  await page.waitForTimeout(500)
  const each = page.evaluate(
    untilShown,
    `${strip} !== null && !${said}.includes('Measuring positions')`,
  )
  await page.getByRole('gridcell', { name: /^Layer 6 head 6,/ }).click()
  found['by position'].push(await each)
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
