import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { ImportFile } from '../../imports/format.ts'
import { CommandError } from '../failure.ts'

/** Files that an import reads, and how far it has come. */
export interface OpenedFiles {
  files: ImportFile[]
  /** How much of them was read for the first time, from 0 to 1. */
  share(): number
}

/** What a run remembers of a file, so that it goes on with the same one alone. */
export interface FilePrint {
  name: string
  size: number
  /** In hexadecimal. */
  sha256: string
}

/** The files at these paths. Throws `CommandError` for what is no file, and for two of one name. */
export async function openFiles(paths: string[]): Promise<OpenedFiles> {
  const counts = await Promise.all(paths.map(async (path) => ({ path, size: await sizeOf(path), done: 0 })))
  const files = counts.map(
    (count): ImportFile => ({ name: basename(count.path), open: () => counted(count) }),
  )
  const names = files.map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) throw new CommandError(`two files are called ${twice}: rename one of them`)
  const total = counts.reduce((sum, { size }) => sum + size, 0)
  return { files, share: () => counts.reduce((sum, { done }) => sum + done, 0) / Math.max(1, total) }
}

/** What tells the files at these paths from any others. */
export function printsOf(paths: string[]): Promise<FilePrint[]> {
  return Promise.all(
    paths.map(async (path) => {
      const hash = createHash('sha256')
      for await (const chunk of createReadStream(path)) hash.update(chunk)
      return { name: basename(path), size: await sizeOf(path), sha256: hash.digest('hex') }
    }),
  )
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(error.code === 'ENOENT' ? `there is no file ${path}` : error.message)
  })
  // A pipe can be read once only, and formats may read a file more often.
  if (!found.isFile()) throw new CommandError(`${path} is no file`)
  return found.size
}

/** The bytes of a file; `done` is how many of them have been read, at most. */
async function* counted(count: { path: string; done: number }): AsyncGenerator<Uint8Array> {
  let read = 0
  for await (const chunk of createReadStream(count.path)) {
    read += chunk.length
    count.done = Math.max(count.done, read)
    yield chunk
  }
}
