import { Link } from '@tanstack/react-router'
import { EmptyNote } from '@/ui/EmptyNote'

/** At an address that no view has. */
export function NoView() {
  return (
    <EmptyNote>
      There is nothing at this address.{' '}
      <Link to="/" className="underline underline-offset-2 hover:text-ink">
        Go to the grid of heads
      </Link>
      .
    </EmptyNote>
  )
}
