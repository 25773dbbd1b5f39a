import { renameSync, writeFileSync } from 'node:fs'

/** Puts a text in place of a file that nobody but its owner may read; at no time is there half of one. */
export function replacePrivateFile(path: string, text: string): void {
  const beside = `${path}.new`
  writeFileSync(beside, text, { mode: 0o600 })
  renameSync(beside, path)
}
