import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

vi.setConfig({ testTimeout: 60_000 })
const script = fileURLToPath(new URL('browser.mjs', import.meta.url))

/** A machine of this test's own: its PATH and HOME hold what the test puts there. */
let machine: string
beforeEach(() => {
  machine = mkdtempSync(join(tmpdir(), 'machine-'))
  mkdirSync(join(machine, 'bin'))
  writeFileSync(log(), '')
})
afterEach(() => rmSync(machine, { recursive: true }))

const log = () => join(machine, 'log')
const bin = (name: string) => join(machine, 'bin', name)

/** Install a command that notes how it was called and then does `does`. */
function command(path: string, does = 'exit 0') {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `#!/bin/sh\necho "$(/usr/bin/basename $0) $*" >> ${log()}\n${does}\n`)
  chmodSync(path, 0o755)
}

const environment = (more: Record<string, string>) => ({
  PATH: join(machine, 'bin'),
  HOME: machine,
  PLAYWRIGHT_BROWSERS_PATH: join(machine, 'browsers'),
  ...more,
})

function setUp(more: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
    env: environment(more),
    encoding: 'utf8',
  })
  const calls = readFileSync(log(), 'utf8').trim().split('\n')
  return { status, said: stdout + stderr, calls: calls.filter((call) => !call.startsWith('sudo')) }
}

/** Where Playwright would put its browser on this machine. */
const playwrights = () =>
  spawnSync(
    process.execPath,
    ['-e', 'console.log(require("@playwright/test").chromium.executablePath())'],
    { env: environment({}), encoding: 'utf8', cwd: dirname(script) },
  ).stdout.trim()

/** Lines of shell that make `path` a browser. */
const creates = (path: string) =>
  `/bin/mkdir -p ${dirname(path)}; printf '#!/bin/sh\\nexit 0\\n' > ${path}; /bin/chmod +x ${path}`

const installs = (path: string) => `case "$*" in *install*) ${creates(path)};; esac`

const offersApt = (does: string) => {
  command(bin('sudo'), 'shift; exec "$@"')
  command(bin('apt-get'), does)
}

const DOWNLOAD = 'npx --no-install playwright install chromium'
const UPDATE = 'apt-get -qq update'
const INSTALL = 'apt-get -qq install -y --no-install-recommends chromium fonts-liberation'

test.each(['chromium', 'chromium-browser', 'google-chrome'])(
  'an installed %s is taken and nothing is set up',
  (name) => {
    command(bin(name))
    const { status, said, calls } = setUp()
    expect(said).toBe(`Browser of the tests: ${bin(name)} (installed)\n`)
    expect(status).toBe(0)
    expect(new Set(calls)).toEqual(new Set([`${name} --version`]))
  },
)

test.each(['CHROMIUM', 'CHROME_PATH'])('a browser named by %s comes first', (variable) => {
  command(bin('chromium'))
  const path = join(machine, 'elsewhere', 'browser')
  command(path)
  expect(setUp({ [variable]: path }).said).toContain(`${path} (named by ${variable})`)
})

test('a named browser that does not start is an error and no other is taken', () => {
  command(bin('chromium'))
  const { status, said, calls } = setUp({ CHROMIUM: '/nowhere/chrome' })
  expect(said).toContain('CHROMIUM is /nowhere/chrome, which does not start')
  expect(status).toBe(1)
  expect(calls).toEqual([''])
})

test('without a browser Playwright downloads one', () => {
  const path = playwrights()
  command(bin('npx'), installs(path))
  offersApt('exit 0')
  const { status, said, calls } = setUp()
  expect(calls).toEqual([DOWNLOAD])
  expect(said).toContain(`Browser of the tests: ${path} (downloaded by Playwright)`)
  expect(status).toBe(0)
})

test('where the download fails apt-get installs one, asking nothing', () => {
  command(bin('npx'), 'exit 1')
  offersApt(`[ $DEBIAN_FRONTEND = noninteractive ] || exit 9\n${installs(bin('chromium'))}`)
  const { status, said, calls } = setUp()
  expect(calls).toEqual([DOWNLOAD, UPDATE, INSTALL])
  expect(said).toContain('Trying apt-get install chromium.')
  expect(said).toContain(`${bin('chromium')} (installed)`)
  expect(status).toBe(0)
})

test('a download that lacks its libraries does not start and is not taken', () => {
  const path = playwrights()
  command(
    bin('npx'),
    `${creates(path)}; echo 'exit 127' >> ${path}.tmp; /bin/cp ${path}.tmp ${path}`,
  )
  offersApt(installs(bin('chromium')))
  expect(setUp().said).toContain(`${bin('chromium')} (installed)`)
})

test('where nothing helps one sentence names the command', () => {
  command(bin('npx'), 'exit 1')
  command(bin('chromium-browser'), 'echo "install the snap"; exit 1')
  offersApt('exit 100')
  const { status, said } = setUp()
  expect(status).toBe(1)
  expect(said.trim().split('\n').at(-1)).toMatch(
    /^There is no browser .*apt-get install chromium.*/,
  )
})

test('where there is neither npx nor apt-get the sentence comes all the same', () => {
  const { status, said } = setUp()
  expect(status).toBe(1)
  expect(said).toContain('CHROMIUM=/path/to/chrome make test')
})
