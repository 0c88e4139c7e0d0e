import '@testing-library/jest-dom/vitest'
import { cleanup } from '@testing-library/react'
import { afterEach } from 'vitest'

// The files of a worker share its window.
afterEach(() => {
  cleanup()
  localStorage.clear()
  sessionStorage.clear()
})
