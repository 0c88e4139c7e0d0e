import { CopyField } from '@/ui/CopyField'

export const linkTo = (id: string) => `${location.origin}/?saved=${id}`

/** Where a class's answers are read, for whoever has its key. */
export const answersOf = (id: string) => `${location.origin}/saved?class=${id}`

/** The link to a saved experiment, to be copied. */
export const SavedLink = ({ id }: { id: string }) => (
  <CopyField label="Link to the saved experiment" link={linkTo(id)} />
)
