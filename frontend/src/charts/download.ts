/** Hands the reader a file. */

export function saveBlob(blob: Blob, fileName: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  link.click()
  // The browser reads the address after this task; revoking at once would cancel it.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

export const saveText = (text: string, fileName: string, type: string): void =>
  saveBlob(new Blob([text], { type: `${type};charset=utf-8` }), fileName)

/** "KL per token" → "kl-per-token". */
export const slug = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
