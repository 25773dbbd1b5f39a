import { chmod, constants, copyFile, link, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Endings of what SQLite keeps beside a file that it has open. */
export const companions = ['-wal', '-shm', '-journal']

/** An empty file that only its owner may read. Throws when there is one. */
export async function createPrivateFile(path: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  await file.close()
  // Whatever the process's mask says.
  await chmod(path, 0o600)
}

/** Has a database file on the disk under its new name, in the place of one that may be there: all of it or nothing. */
export async function putInPlace(from: string, to: string): Promise<void> {
  await flush(from)
  await rename(from, to)
  await flush(dirname(to))
}

/**
 * Keeps a database that is about to be replaced under another name. It stays in its place until then, so that there is
 * one at every moment; what SQLite keeps beside it goes away, since it must not be read as that of the next.
 */
export async function keepAside(place: string, kept: string): Promise<void> {
  // Not every file system has hard links.
  await link(place, kept).catch(() => copyFile(place, kept, constants.COPYFILE_EXCL))
  await flush(kept)
  for (const companion of companions)
    await rename(`${place}${companion}`, `${kept}${companion}`).catch(unlessMissing)
}

/** Removes a database file and what SQLite keeps beside it; does nothing when it is not there. */
export async function removeDatabase(path: string): Promise<void> {
  for (const ending of ['', ...companions]) await rm(`${path}${ending}`, { force: true })
}

function unlessMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
