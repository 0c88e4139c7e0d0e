/**
 * How smoothly the page shows a stream, and how soon a click is answered on the screen.
 *
 *   npm run measure:stream -- http://localhost:8000 [tokens] [clicks]
 */
import { chromium } from '@playwright/test'

const [server = 'http://localhost:8000', tokens = '240', clicks = '15'] = process.argv.slice(2)

/** Keeps the time of every frame the browser draws from now on. */
const watchFrames = () => {
  const times = []
  window.frames = times
  const next = (time) => {
    times.push(time)
    requestAnimationFrame(next)
  }
  requestAnimationFrame(next)
}

/** From each click to the frame that shows its next token: the chart's sentence goes and comes. */
const watchClicks = () => {
  const figure = document.querySelector('figure:has(figcaption)')
  window.answers = []
  let start = null
  let gone = false
  addEventListener('click', ({ timeStamp }) => ((start = timeStamp), (gone = false)), true)
  const look = () => {
    const told = figure.querySelector('figcaption') !== null
    gone ||= !told
    if (start === null || !gone || !told) return
    const since = start
    start = null
    // What runs after the next frame's callbacks runs when that frame is drawn.
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => window.answers.push(performance.now() - since)
      port2.postMessage(null)
    })
  }
  new MutationObserver(look).observe(figure, { childList: true, subtree: true })
}

const median = (sorted) => sorted[sorted.length >> 1]
const ascending = (numbers) => [...numbers].sort((a, b) => a - b)

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})

async function open(search) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await page.addInitScript(() => localStorage.setItem('attention-surgery.tour', 'seen'))
  await page.goto(`${server}/?${search}`)
  return page
}

async function measureFrames() {
  const page = await open(`p=Once+upon+a+time&n=${tokens}&cut=L0H1z`)
  const token = (index) => page.locator(`[data-stream=control][data-index="${index}"]`)
  const last = token(Number(tokens) - 1)
  await last.waitFor({ timeout: 120_000 })
  await page.waitForTimeout(2000)
  // The time of one run that nobody watches: the rest is the page's.
  await page.keyboard.press('Control+Enter')
  await last.waitFor({ state: 'detached' })
  await page.evaluate(watchFrames)
  const counted = await page.evaluate(
    (index) =>
      new Promise((resolve) => {
        const counts = new Set()
        const look = () => {
          counts.add(document.querySelectorAll('[data-stream=control]').length)
          if (document.querySelector(`[data-stream=control][data-index="${index}"]`)) {
            resolve({ pictures: counts.size, times: window.frames })
          } else requestAnimationFrame(look)
        }
        look()
      }),
    Number(tokens) - 1,
  )
  const { times, pictures } = counted
  const gaps = ascending(times.slice(1).map((time, i) => time - times[i]))
  const seconds = (times.at(-1) - times[0]) / 1000
  console.log(
    `${tokens} tokens, both texts, shown in ${seconds.toFixed(1)} s, ${pictures} pictures`,
  )
  console.log(`${((times.length - 1) / seconds).toFixed(0)} frames a second`)
  console.log(`longest frame ${gaps.at(-1).toFixed(0)} ms, median ${median(gaps).toFixed(0)} ms`)
  await page.close()
}

async function measureClicks() {
  // Longer than what is written anew by itself: the next token alone is asked.
  const page = await open('p=When+Mary+and+John+went+to+the+store,+John+gave+a+drink+to&n=40')
  await page.locator('[data-stream=control][data-index="39"]').waitFor({ timeout: 120_000 })
  await page.getByRole('figure', { name: 'Next token' }).locator('figcaption').waitFor()
  await page.waitForTimeout(2000)
  await page.evaluate(watchClicks)
  for (let click = 0; click < Number(clicks); click++) {
    await page
      .getByRole('gridcell', { name: new RegExp(`^Layer ${click % 12} head 3(,|$)`) })
      .click()
    await page.waitForFunction((n) => window.answers.length > n, click)
    await page.waitForTimeout(200)
  }
  const times = ascending(await page.evaluate(() => window.answers))
  console.log(`from a click on a head to its next token on the screen, ${clicks} clicks:`)
  console.log(`median ${median(times).toFixed(0)} ms, longest ${times.at(-1).toFixed(0)} ms`)
  await page.close()
}

await measureFrames()
await measureClicks()
await browser.close()
