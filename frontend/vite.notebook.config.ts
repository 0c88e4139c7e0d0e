import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Parts of the page for a notebook: one module that brings its styles, as anywidget loads it. */
export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  publicDir: false,
  build: {
    target: 'es2022',
    outDir: 'dist/notebook',
    chunkSizeWarningLimit: 1000,
    rollupOptions: {
      input: 'src/notebook/index.tsx',
      // What no page imports is still what it is for.
      preserveEntrySignatures: 'strict',
      // One module: there is no address to load another from.
      output: { format: 'es', entryFileNames: 'parts.js', codeSplitting: false },
    },
  },
})
