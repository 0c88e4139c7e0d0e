/**
 * How soon patching of the bundled model is on the screen:
 *
 *   npm run measure:patching -- http://localhost:8000 [times] [--json]
 *
 * Each time from the last key or press to the drawn picture of what it asked: all 144 numbers of one component,
 * after the last letter of the corrupt prompt; the answers of all five components, from the same letter on, which
 * the page asks for by itself; another component, after the press on it; and the strip over the tokens of a head,
 * after the press on that. Nothing is counted twice.
 */
import { chromium } from '@playwright/test'
import { requireBrowser } from './browser.mjs'

const given = process.argv.slice(2).filter((each) => each !== '--json')
const [server = 'http://localhost:8000', times = '5'] = given
const PLACES = ['store', 'park', 'school', 'house', 'garden', 'market', 'church', 'beach']
const MORE = ['q', 'k', 'v', 'pattern']

/** In the page: `shown` is the milliseconds from the next key or press until `done` holds in a drawn frame. */
const watch = (done) => {
  const isDone = new Function(`return ${done}`)
  window.shown = new Promise((resolve) => {
    const start = () => (window.from ??= performance.now())
    window.from = undefined
    addEventListener('keydown', start, { capture: true, once: true })
    addEventListener('pointerdown', start, { capture: true, once: true })
    // Looks when something has changed, and counts until that is drawn.
    const observer = new MutationObserver(() => {
      if (window.from === undefined || !isDone()) return
      observer.disconnect()
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - window.from)))
    })
    observer.observe(document.body, {
      subtree: true,
      childList: true,
      attributes: true,
      characterData: true,
    })
  })
}

/** Milliseconds from what `act` does until `done` holds; the page watches before anything is done. */
async function untilShown(page, done, act) {
  await page.evaluate(watch, done)
  await act()
  return page.evaluate(() => window.shown)
}

/** Without a layout: looking must not slow the page. */
const grid = (name) => `document.querySelector('[role=grid][aria-label^="Patching ${name} of"]')`
const cells = (name) => `[...${grid(name)}.querySelectorAll('[aria-label*="restores"]')]`
/** All of its numbers stand there, and are not those of before. */
const isPatched = (name, before) =>
  `${grid(name)} !== null && !${grid(name)}.className.includes('opacity-55')` +
  ` && ${cells(name)}.length === 144 && ${numbers(name)} !== ${JSON.stringify(before)}`
const numbers = (name) => `${cells(name)}.map((cell) => cell.ariaLabel).join()`
const strip = (name) =>
  `document.querySelector('[role=grid][aria-label^="z of ${name} by position"]')`
/** Milliseconds from the last key until so many patchings had answered. */
const answered = (count) =>
  new Promise((resolve) => {
    const look = () => {
      const ends = performance
        .getEntriesByType('resource')
        .filter(
          ({ name, startTime }) => name.endsWith('/patching/stream') && startTime > window.from,
        )
        .map(({ responseEnd }) => responseEnd)
      if (ends.length >= count) resolve(Math.max(...ends) - window.from)
      else setTimeout(look, 50)
    }
    look()
  })

const chooseComponent = (page, name) =>
  page
    .getByRole('radiogroup', { name: 'Component of heads' })
    .getByText(name, { exact: true })
    .click()

const browser = await chromium.launch({
  executablePath: requireBrowser().path,
  args: ['--no-sandbox', '--disable-gpu'],
})
const found = {
  'one component': [],
  'five components': [],
  'another component': [],
  'by position': [],
}

for (let i = 0; i < Number(times); i++) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  const place = PLACES[i % PLACES.length]
  const ask = (first, second, rest) =>
    encodeURIComponent(`When ${first} and ${second} went to the ${place}, ${second} gave ${rest}`)
  // The page has not offered this corrupt prompt, and so not read it before.
  const link = `p=${ask('Mary', 'John', 'a drink to')}&c=${ask('John', 'Mary', 'a book t')}&answer=+Mary&foil=+John`
  await page.goto(`${server}/patch?${link}`)
  await page
    .getByText(/they part at|They differ/)
    .first()
    .waitFor()
  await page.getByRole('textbox', { name: 'Corrupt' }).press('Control+End')
  await page.waitForTimeout(2000)

  const before = await page.evaluate(numbers('z'))
  found['one component'].push(
    await untilShown(page, isPatched('z', before), () => page.keyboard.press('o')),
  )
  found['five components'].push(await page.evaluate(answered, 1 + MORE.length))

  for (const name of MORE) {
    await page.waitForTimeout(300)
    found['another component'].push(
      await untilShown(page, isPatched(name, null), () => chooseComponent(page, name)),
    )
  }

  await chooseComponent(page, 'z')
  await page.waitForTimeout(500)
  found['by position'].push(
    await untilShown(page, `${strip('L6H6')} !== null`, () =>
      page.getByRole('gridcell', { name: /^Layer 6 head 6,/ }).click(),
    ),
  )
  await context.close()
}
await browser.close()

const figures = Object.fromEntries(
  Object.entries(found).map(([name, values]) => {
    const sorted = values.map((each) => each / 1000).sort((a, b) => a - b)
    const [least, median, most] = [0, sorted.length >> 1, sorted.length - 1].map((at) => sorted[at])
    return [name, { least, median, most }]
  }),
)
if (process.argv.includes('--json')) console.log(JSON.stringify(figures))
else
  for (const [name, { least, median, most }] of Object.entries(figures))
    console.log(
      `${name}: median ${median.toFixed(2)} s, ${least.toFixed(2)} to ${most.toFixed(2)} s`,
    )
