/**
 * How smoothly the page shows a text while it is written, and how soon it answers a click on a head:
 *
 *   npm run measure:stream -- http://localhost:8000 [tokens] [clicks]
 *
 * With --json the figures alone. The 250 tokens fill the bundled model's context with the prompt's six.
 */
import { chromium } from '@playwright/test'
import { requireBrowser } from './browser.mjs'

const words = process.argv.slice(2).filter((word) => word !== '--json')
const [server = 'http://localhost:8000', tokens = '250', clicks = '15'] = words
const RUNS = 3

/** In the page: the time of each frame, and how often the text grew, from the next run's begin to its end. */
const watchRun = () => {
  const prompt = document.querySelector('textarea').closest('section')
  const isRunning = () =>
    [...prompt.querySelectorAll('button')].some(({ textContent }) => textContent.trim() === 'Stop')
  const written = () => document.querySelectorAll('[data-stream=control]').length
  window.watched = new Promise((resolve) => {
    const times = []
    const lengths = new Set()
    const look = (time) => {
      const running = isRunning()
      if (running || times.length > 0) times.push(time)
      if (running) lengths.add(written())
      // One more frame: the last one is only as long as the next is late.
      if (running || times.length === 0) requestAnimationFrame(look)
      else requestAnimationFrame((end) => resolve({ times: [...times, end], grown: lengths.size }))
    }
    requestAnimationFrame(look)
  })
}

/**
 * In the page: milliseconds from the next click until the next token it changes is drawn, and of
 * them those until its answer was there. What is said of it goes with the cut and comes with the answer.
 */
const watchClick = () => {
  const figure = [...document.querySelectorAll('figure')].find((each) =>
    each.querySelector('h3')?.textContent.startsWith('Next token'),
  )
  performance.clearResourceTimings()
  window.watched = new Promise((resolve) => {
    let start = null
    let gone = false
    // A head is cut when the pointer is lifted.
    const lifted = ({ timeStamp }) => (start = timeStamp)
    addEventListener('pointerup', lifted, { capture: true, once: true })
    const look = () => {
      const told = figure.querySelector('figcaption') !== null
      if (start === null) return
      gone ||= !told
      if (!gone || !told) return
      observer.disconnect()
      // What runs after the next frame's callbacks runs when that frame is drawn.
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = () => {
          const drawn = performance.now() - start
          const asked = performance
            .getEntriesByType('resource')
            .find(({ name }) => new URL(name).pathname === '/infer')
          resolve({ drawn, answered: asked ? asked.responseEnd - start : NaN })
        }
        port2.postMessage(null)
      })
    }
    const observer = new MutationObserver(look)
    observer.observe(figure, { childList: true, subtree: true })
  })
}

const ascending = (numbers) => [...numbers].sort((a, b) => a - b)
const median = (numbers) => ascending(numbers)[numbers.length >> 1]

const browser = await chromium.launch({
  executablePath: requireBrowser().path,
  args: ['--no-sandbox', '--disable-gpu'],
})

async function open(search) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await page.addInitScript(() => localStorage.setItem('attention-surgery.tour', 'seen'))
  await page.goto(`${server}/?${search}`)
  await page.locator('[data-stream=control]').first().waitFor({ timeout: 120_000 })
  await page
    .getByRole('button', { name: 'Run inference', exact: true })
    .first()
    .waitFor({ timeout: 120_000 })
  await page.getByRole('gridcell', { name: /^Layer 11 head 11, / }).waitFor({ timeout: 120_000 })
  await page.waitForTimeout(1500)
  return page
}

async function frames() {
  // Drawn anew each time: what was answered before would come at once.
  const page = await open(`p=Once+upon+a+time&n=${tokens}&t=1&cut=L0H1z`)
  const found = []
  for (let run = 0; run < RUNS; run++) {
    await page.evaluate(watchRun)
    await page.keyboard.press('Control+Enter')
    const { times, grown } = await page.evaluate(() => window.watched)
    const gaps = times.slice(1).map((time, i) => time - times[i])
    const seconds = (times.at(-1) - times[0]) / 1000
    const written = await page.locator('[data-stream=control]').count()
    found.push({ rate: gaps.length / seconds, longest: Math.max(...gaps), seconds, grown, written })
    await page.waitForTimeout(1000)
  }
  await page.close()
  return found
}

async function answers() {
  // Longer than what is written anew by itself.
  const page = await open('p=When+Mary+and+John+went+to+the+store,+John+gave+a+drink+to&n=40')
  const asked = new Set()
  page.on('request', (request) => asked.add(request))
  page.on('requestfinished', (request) => asked.delete(request))
  page.on('requestfailed', (request) => asked.delete(request))
  const found = []
  for (let click = 0; click < Number(clicks); click++) {
    const cell = page.getByRole('gridcell', {
      name: new RegExp(`^Layer ${click % 12} head ${3 + (click > 11 ? 1 : 0)}(,|$)`),
    })
    await cell.hover()
    await page.evaluate(watchClick)
    await cell.click()
    found.push(await page.evaluate(() => window.watched))
    // The lens follows each cut; the next click finds a page at rest.
    for (let calm = 0; calm < 5; calm = asked.size === 0 ? calm + 1 : 0) {
      await page.waitForTimeout(100)
    }
  }
  await page.close()
  return found
}

const stream = await frames()
const next = await answers()
await browser.close()

const of = (found, name) => found.map((each) => each[name])
const figures = {
  tokens: Math.min(...of(stream, 'written')),
  seconds: median(of(stream, 'seconds')),
  framesASecond: median(of(stream, 'rate')),
  fewestASecond: Math.min(...of(stream, 'rate')),
  longestFrame: Math.max(...of(stream, 'longest')),
  grown: median(of(stream, 'grown')),
  click: median(of(next, 'drawn')),
  slowestClick: Math.max(...of(next, 'drawn')),
  answered: median(of(next, 'answered')),
}
const ms = (value) => `${value.toFixed(0)} ms`
if (process.argv.includes('--json')) console.log(JSON.stringify(figures))
else {
  const { seconds, framesASecond, fewestASecond, longestFrame, grown } = figures
  console.log(
    `${figures.tokens} tokens of both texts in ${seconds.toFixed(1)} s, seen to grow ${grown} times:`,
    `${framesASecond.toFixed(0)} frames a second, ${fewestASecond.toFixed(0)} in the slowest of`,
    `${RUNS} runs, the longest frame ${ms(longestFrame)}`,
  )
  console.log(
    `from a click on a head to its next token on the screen, ${clicks} clicks:`,
    `median ${ms(figures.click)}, longest ${ms(figures.slowestClick)};`,
    `the answer was there after ${ms(figures.answered)}`,
  )
}
