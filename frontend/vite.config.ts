import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const api = process.env['ATTENTION_SURGERY_API'] ?? 'http://localhost:8000'

/** While developing, what the API answers goes to it; a page asked for by a browser is Vite's. */
function proxy() {
  const file = new URL('../docs/openapi.json', import.meta.url)
  const { paths } = JSON.parse(readFileSync(file, 'utf8')) as { paths: object }
  const roots = new Set(Object.keys(paths).map((path) => `/${path.split('/')[1]}`))
  const page = ({ method, headers }: { method?: string; headers: { accept?: string } }) =>
    method === 'GET' && headers.accept?.includes('text/html') ? '/index.html' : undefined
  return {
    ...Object.fromEntries([...roots].map((root) => [root, { target: api, bypass: page }])),
    '/openapi.json': { target: api },
    '/docs': { target: api, bypass: () => '/reference.html' },
  }
}

/** Beside each script and style sheet the same by Brotli, a seventh smaller than what a server does at once. */
const compressed: Plugin = {
  name: 'compressed',
  apply: 'build',
  writeBundle({ dir = '' }, bundle) {
    for (const name of Object.keys(bundle).filter((each) => /\.(js|css)$/.test(each))) {
      const file = join(dir, name)
      writeFileSync(`${file}.br`, brotliCompressSync(readFileSync(file)))
    }
  },
}

export default defineConfig(({ command }) => ({
  plugins: [react(), tailwindcss(), compressed],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: {
    port: 5173,
    strictPort: true,
    proxy: command === 'serve' ? proxy() : undefined,
  },
  // No asset is inlined as a data: address, so that the page runs under a strict CSP.
  build: {
    target: 'es2022',
    manifest: true,
    assetsInlineLimit: 0,
    // Swagger UI is one piece, and stands on a page of its own.
    chunkSizeWarningLimit: 2000,
    rollupOptions: { input: ['index.html', 'reference.html'] },
  },
  test: {
    restoreMocks: true,
    unstubGlobals: true,
    // Nothing in a test is a claim about speed.
    testTimeout: 30_000,
    maxWorkers: 2,
    // Files share their process, modules and window: anew for each they would take as long as the tests.
    projects: [
      {
        extends: true,
        // What has no page needs no document, whose making takes longer than such a file.
        test: {
          name: 'logic',
          environment: 'node',
          isolate: false,
          include: ['{src,scripts}/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'page',
          environment: 'jsdom',
          isolate: false,
          include: ['src/**/*.test.tsx'],
          setupFiles: ['src/test-setup.ts'],
        },
      },
    ],
  },
}))
