import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { DatabaseLocation } from './store/database.ts'

/** Makes the file of SQLite, and its folder, for its owner alone; leaves alone what is there. */
export async function createDatabaseFile(location: DatabaseLocation): Promise<void> {
  if (location.engine !== 'sqlite') return
  await mkdir(dirname(location.path), { recursive: true, mode: 0o700 })
  const file = await open(location.path, 'a', 0o600)
  await file.close()
}
