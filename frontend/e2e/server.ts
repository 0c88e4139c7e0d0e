import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const python = process.env['PYTHON'] ?? `${root}/.venv/bin/python`

/** A port that nothing listens on. */
export const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => {
        if (address && typeof address === 'object') resolve(address.port)
        else reject(new Error('no port'))
      })
    })
  })

export type Server = {
  url: string
  port: number
  stop: () => Promise<void>
  kill: () => Promise<void>
}

const ended = (child: ChildProcess) =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise<void>((resolve) => child.once('exit', () => resolve()))

async function untilReady(url: string, child: ChildProcess, log: string[]): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The server ended:\n${log.join('')}`)
    const ready = await fetch(`${url}/health/ready`).then(
      (response) => response.ok,
      () => false,
    )
    if (ready) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** The real API with the built page and the bundled model, as users start it; what it saves ends with it. */
export async function startServer(port?: number): Promise<Server> {
  const chosen = port ?? (await freePort())
  const store = mkdtempSync(join(tmpdir(), 'attention-surgery-'))
  const child = spawn(
    python,
    ['-m', 'uvicorn', 'attention_surgery.api:app', '--port', String(chosen)],
    {
      cwd: root,
      env: {
        ...process.env,
        ATTENTION_SURGERY_MODELS: 'gpt2-mini-12x12',
        // The browsers have the other cores, and torch's threads wait for each other.
        ATTENTION_SURGERY_THREADS: '1',
        ATTENTION_SURGERY_DATABASE: join(store, 'saved.sqlite'),
        HF_HUB_OFFLINE: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const log: string[] = []
  child.stdout.on('data', (chunk) => log.push(String(chunk)))
  child.stderr.on('data', (chunk) => log.push(String(chunk)))
  const url = `http://127.0.0.1:${chosen}`
  await untilReady(url, child, log)
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    await ended(child)
    rmSync(store, { recursive: true, force: true })
  }
  return { url, port: chosen, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') }
}
