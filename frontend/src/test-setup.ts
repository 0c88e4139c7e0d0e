import '@testing-library/jest-dom/vitest'
import { cleanup, configure } from '@testing-library/react'
import { afterEach } from 'vitest'

// A part that is loaded when it is wanted may take longer than a second beside other work.
configure({ asyncUtilTimeout: 10_000 })

// The files of a worker share its window.
afterEach(() => {
  cleanup()
  localStorage.clear()
  sessionStorage.clear()
})
