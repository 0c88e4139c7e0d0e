import { test as base, expect } from '@playwright/test'

type Options = {
  /** Show the first-run tour, as to somebody new. */
  tour: boolean
  /** The story makes requests fail, of which the browser's console tells. */
  failing: boolean
}

/** A story: `page` is a fresh visitor's, at the server of all stories, and may not complain. */
export const test = base.extend<Options>({
  tour: [false, { option: true }],
  failing: [false, { option: true }],
  page: async ({ page, tour, failing }, story) => {
    if (!tour) {
      await page.addInitScript(() => localStorage.setItem('attention-surgery.tour', 'seen'))
    }
    const complaints: string[] = []
    page.on('pageerror', ({ message }) => complaints.push(message))
    page.on('console', (message) => {
      if (message.type() === 'error' && !failing) complaints.push(message.text())
    })
    await story(page)
    expect(complaints, 'what the page wrote to the console').toEqual([])
  },
})

export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }

export { expect }
