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
  '/docs',
  '/openapi.json',
]

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: {
    port: 5173,
    strictPort: true,
    proxy: Object.fromEntries(routes.map((route) => [route, { target: api }])),
  },
  // No asset is inlined as a data: address, so that the page runs under a strict CSP.
  build: { target: 'es2022', manifest: true, assetsInlineLimit: 0 },
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
