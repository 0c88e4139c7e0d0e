// @ts-check
/**
 * The browser the stories run in: an installed one, else one that this sets up.
 *
 *   node scripts/browser.mjs    says which one it is; make test runs this first
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const VARIABLES = ['CHROMIUM', 'CHROME_PATH']
const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
]
const MINUTE = 60_000
const ADVICE =
  'There is no browser for the tests and none could be set up: install Chromium ' +
  '(on Debian: sudo apt-get install chromium) or name one, as in CHROMIUM=/path/to/chrome make test.'

/** @typedef {{ path: string, origin: string }} Found */

/** Ubuntu's chromium-browser may be a stub, and a download may lack libraries: it has to start. */
const starts = (/** @type {string} */ path) =>
  spawnSync(path, ['--version'], { stdio: 'ignore', timeout: MINUTE }).status === 0

/** @returns {Found | undefined} */
function named() {
  const variable = VARIABLES.find((name) => process.env[name])
  if (!variable) return undefined
  const path = String(process.env[variable])
  if (starts(path)) return { path, origin: `named by ${variable}` }
  throw new Error(`${variable} is ${path}, which does not start: name a Chromium or Chrome there.`)
}

/** @returns {Found | undefined} */
function installed() {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const path = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(starts)
  return path ? { path, origin: 'installed' } : undefined
}

/** @returns {Found | undefined} */
function downloaded() {
  const playwright = createRequire(import.meta.url)('@playwright/test') // slow to load
  const path = playwright.chromium.executablePath()
  return starts(path) ? { path, origin: 'downloaded by Playwright' } : undefined
}

/** The browser there is, if there is one; throws when a variable names one that does not start. */
export const findBrowser = () => named() ?? installed() ?? downloaded()

/** As `findBrowser`, but a missing one throws the sentence that says what to do. */
export function requireBrowser() {
  const found = findBrowser()
  if (!found) throw new Error(ADVICE)
  return found
}

/** True when the command ended well; it never asks, and is given up after `minutes`. */
function run(/** @type {string[]} */ [command, ...words], /** @type {number} */ minutes) {
  const { status } = spawnSync(String(command), words, {
    stdio: ['ignore', 'inherit', 'ignore'],
    timeout: minutes * MINUTE,
    env: { ...process.env, PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '10000' },
  })
  return status === 0
}

const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n']
const quietly = [...asRoot, '/usr/bin/env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq']

/** @type {{ says: string, command: string[] }[]} */
const WAYS = [
  {
    says: 'No browser is installed. Trying Playwright’s download.',
    command: ['npx', '--no-install', 'playwright', 'install', 'chromium'],
  },
  {
    says: 'That did not work. Trying apt-get install chromium.',
    command: [
      ...quietly,
      'install',
      '-y',
      '--no-install-recommends',
      'chromium',
      'fonts-liberation',
    ],
  },
]

function setUp() {
  for (const { says, command } of WAYS) {
    console.log(says)
    if (command.includes('apt-get')) run([...quietly, 'update'], 10)
    run(command, 10)
    const found = findBrowser()
    if (found) return found
  }
  throw new Error(ADVICE)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { path, origin } = findBrowser() ?? setUp()
    console.log(`Browser of the tests: ${path} (${origin})`)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
