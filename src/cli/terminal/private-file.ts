import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { CommandError } from '../failure.ts'

/** A new file that nobody but its owner may read. */
export interface PrivateFile {
  write(text: string): void
  /** Writes what is left. */
  close(): void
  /** Removes it, as it is not whole. */
  discard(): void
}

/** So many characters are collected before they are written. */
const bufferLength = 64 * 1024

/** Creates a file, and replaces none. Throws `CommandError` where one is, whatever it is. */
export function createPrivateFile(path: string): PrivateFile {
  const descriptor = openNew(path)
  let waiting = ''
  const flush = () => {
    const bytes = Buffer.from(waiting)
    waiting = ''
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done)
  }
  return {
    write: (text) => {
      waiting += text
      if (waiting.length >= bufferLength) flush()
    },
    close: () => {
      flush()
      closeSync(descriptor)
    },
    discard: () => {
      closeSync(descriptor)
      unlinkSync(path)
    },
  }
}

function openNew(path: string): number {
  try {
    return openSync(path, 'wx', 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new CommandError(`${path} exists: name a new file`)
  }
}
