import { existsSync } from 'node:fs'
import { chmod, mkdir, open, realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { DatabaseLocation } from '../types.ts'

/** What SQLite keeps beside a file that it has open. */
const companions = ['-wal', '-shm', '-journal']

/**
 * Makes the files of SQLite, and their folder, for their owner alone. What is there is closed to others, as far as it
 * is ours; SQLite gives what it makes beside a file later on the mode of that file.
 */
export async function createDatabaseFile(location: DatabaseLocation): Promise<void> {
  if (location.engine !== 'sqlite') return
  await mkdir(dirname(location.path), { recursive: true, mode: 0o700 })
  for (const path of [location.path, `${location.path}-limits`]) {
    // To close one that this process has open elsewhere would let go of the locks that SQLite holds on it.
    if (!existsSync(path)) await (await open(path, 'a', 0o600)).close()
    // They lie beside the file that a link leads to.
    const place = await realpath(path)
    for (const companion of ['', ...companions]) await closeToOthers(`${place}${companion}`)
  }
}

async function closeToOthers(path: string): Promise<void> {
  try {
    const { mode } = await stat(path)
    if (mode & 0o077) await chmod(path, 0o600)
  } catch (error) {
    // It is not there, or somebody else's, of which the doctor warns.
    if (!['ENOENT', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
