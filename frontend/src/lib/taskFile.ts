/** A task of one's own: a file whose lines are items. */

export type TaskFile = {
  readonly name: string
  readonly text: string
  readonly format: 'jsonl' | 'csv'
}

const ENDINGS = ['jsonl', 'csv'] as const

/** Reads a file as far as its name says how. */
export async function readTaskFile(file: File): Promise<TaskFile> {
  const format = ENDINGS.find((ending) => file.name.toLowerCase().endsWith(`.${ending}`))
  if (!format) {
    throw new Error(`“${file.name}” is no .jsonl or .csv file: a task is one of these.`)
  }
  return { name: file.name, text: await file.text(), format }
}
