import { useState } from 'react'
import { recall, remember } from '@/lib/storage'

/** The tour shows on the first visit and not again. */
export function useTour() {
  const [open, setOpen] = useState(() => recall('tour') === null)
  return {
    open,
    start: () => setOpen(true),
    end: () => {
      remember('tour', 'seen')
      setOpen(false)
    },
  }
}
