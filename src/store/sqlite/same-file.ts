import { statSync } from 'node:fs'
import { DatabaseUnavailable } from '../unavailable.ts'

/**
 * Looks, once in `intervalMs`, whether a file that is open is still at its place: what is written to one that
 * was deleted or replaced is lost when it is closed. What it returns throws `DatabaseUnavailable` where it is not.
 */
export function assertSameFile(path: string, intervalMs: number): () => void {
  const opened = inodeOf(path)
  let nextLook = 0
  return () => {
    const now = performance.now()
    if (now < nextLook) return
    if (inodeOf(path) !== opened)
      throw new DatabaseUnavailable(new Error(`${path} was deleted or replaced since it was opened`))
    nextLook = now + intervalMs
  }
}

function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino
}
