import { existsSync } from 'node:fs'
import type { DatabaseLocation } from '../../store/types.ts'
import { CommandError } from '../failure.ts'

/** Whether there is no file: to open it would make it. */
export function isMissing(location: DatabaseLocation): boolean {
  return location.engine === 'sqlite' && !existsSync(location.path)
}

/** Throws `CommandError` where there is no database file. */
export function refuseMissing(location: DatabaseLocation): void {
  if (location.engine === 'sqlite' && isMissing(location))
    throw new CommandError(`there is no database at ${location.path}`)
}
