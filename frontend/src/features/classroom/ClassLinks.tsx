import { CopyField } from '@/ui/CopyField'

type Props = { id: string; secret: string }

const here = /^(localhost|127\..*|\[::1\])$/

/** For the class: what it opens. */
export const classLink = (id: string) => `${location.origin}/?class=${id}`

/** For the teacher, on another machine too: what stands after # no server is sent. */
export const teacherLink = (id: string, secret: string) =>
  `${location.origin}/saved?class=${id}#key=${secret}`

/** The two links of a class. */
export function ClassLinks({ id, secret }: Props) {
  return (
    <div className="grid gap-3">
      <CopyField labelled label="For the class" link={classLink(id)} />
      {here.test(location.hostname) && (
        <p className="text-xs text-pretty text-warn">
          This page is open at {location.host}, which is this machine alone: give the class an
          address of it that others can reach.
        </p>
      )}
      <CopyField labelled label="For you, also on another machine" link={teacherLink(id, secret)} />
      <p className="text-xs text-pretty text-ink-2">
        Whoever has the second link reads the answers and can delete them. This browser keeps it
        under Saved.
      </p>
    </div>
  )
}
