import { existsSync } from 'node:fs'
import type { DatabaseLocation } from '../store/types.ts'

/** Whether there is no database file: to open it would make it. */
export function isMissing(location: DatabaseLocation): boolean {
  return location.engine === 'sqlite' && !existsSync(location.path)
}
