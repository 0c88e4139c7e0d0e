import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const api = process.env['ATTENTION_SURGERY_API'] ?? 'http://localhost:8000'
const routes = [
  '/infer',
  '/importance',
  '/logit-lens',
  '/attention',
  '/tokenize',
  '/models',
  '/health',
  '/metrics',
  '/openapi.json',
]
const proxied = Object.fromEntries(routes.map((route) => [route, { target: api }]))
// The server gives the built page at this address; here it is Vite's own.
const reference = { '/docs': { target: api, bypass: () => '/reference.html' } }

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: {
    port: 5173,
    strictPort: true,
    proxy: { ...proxied, ...reference },
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
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}', 'scripts/*.test.ts'],
    setupFiles: ['src/test-setup.ts'],
    restoreMocks: true,
    // Nothing in a test is a claim about speed.
    testTimeout: 30_000,
    maxWorkers: 2,
  },
})
