/**
 * How smoothly the page shows a stream: frames a second while both texts are written.
 *
 *   npm run measure:stream -- http://localhost:8000
 */
import { chromium } from 'playwright-core'

const [server = 'http://localhost:8000', tokens = '240'] = process.argv.slice(2)

/** Counts the frames the browser draws until a run that was started has ended. */
const watch = () => {
  const times = []
  window.frames = times
  const next = (time) => {
    times.push(time)
    requestAnimationFrame(next)
  }
  requestAnimationFrame(next)
}

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
await page.addInitScript(() => localStorage.setItem('attention-surgery.tour', 'seen'))
await page.goto(`${server}/?p=Once+upon+a+time&n=${tokens}&cut=L0H1z`)
const last = page.locator(`[data-stream=control][data-index="${Number(tokens) - 1}"]`)
const run = page.getByRole('button', { name: 'Run inference', exact: false }).first()
await last.waitFor({ timeout: 120_000 })
await run.waitFor()
await page.waitForTimeout(2000)
await page.keyboard.press('Control+Enter')
await last.waitFor({ state: 'detached' })
await page.evaluate(watch)
await last.waitFor({ timeout: 120_000 })
const times = await page.evaluate(() => window.frames)
const gaps = times
  .slice(1)
  .map((time, i) => time - times[i])
  .sort((a, b) => a - b)
const seconds = (times.at(-1) - times[0]) / 1000
console.log(`${tokens} tokens, both texts, in ${seconds.toFixed(1)} s`)
console.log(`${((times.length - 1) / seconds).toFixed(0)} frames a second`)
console.log(
  `longest frame ${gaps.at(-1).toFixed(0)} ms, median ${gaps[gaps.length >> 1].toFixed(0)} ms`,
)
await browser.close()
