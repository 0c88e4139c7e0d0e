import { useState } from 'react'
import { recall, remember } from '@/lib/storage'

/** The tour shows on the first visit and not again; whoever follows a link came for what it shows. */
export function useTour() {
  const [open, setOpen] = useState(() => recall('tour') === null && location.search === '')
  return {
    open,
    start: () => setOpen(true),
    end: () => {
      remember('tour', 'seen')
      setOpen(false)
    },
  }
}
