import { useRef, useState, type ReactNode } from 'react'
import { Button } from '@/ui/Button'
import { cx } from '@/ui/cx'

type Props = { onFile: (file: File) => void; className: string; children: ReactNode }

/** A region that takes a file that is dropped on it. */
export function FileDrop({ onFile, className, children }: Props) {
  const [over, setOver] = useState(false)
  return (
    // Who cannot drop chooses by the button.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <section
      aria-label="Task"
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes('Files')) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        const file = event.dataTransfer.files[0]
        if (!file) return
        event.preventDefault()
        setOver(false)
        onFile(file)
      }}
      className={cx(className, over && 'border-accent! ring-2 ring-accent')}
    >
      {children}
    </section>
  )
}

/** The same for those who choose a file. */
export function FileButton({ onFile }: Pick<Props, 'onFile'>) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button size="small" onClick={() => input.current?.click()}>
        Items of your own …
      </Button>
      <input
        ref={input}
        type="file"
        accept=".jsonl,.csv"
        aria-label="File of items"
        className="hidden"
        onChange={({ target }) => {
          const file = target.files?.[0]
          target.value = ''
          if (file) onFile(file)
        }}
      />
    </>
  )
}

type ProblemsProps = { problems: readonly { line: number; detail: string }[] }

/** What cannot be used of a file, line by line. */
export function Problems({ problems }: ProblemsProps) {
  if (problems.length === 0) return null
  return (
    <ul
      aria-label="Lines that cannot be used"
      // A scrolling list must be reachable by keyboard.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className="relative grid max-h-24 gap-0.5 overflow-y-auto text-xs text-warn"
    >
      {problems.map(({ line, detail }) => (
        <li key={line} className="wrap-anywhere">
          Line {line}: {detail}
        </li>
      ))}
    </ul>
  )
}
