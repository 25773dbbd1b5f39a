import { isMissing } from '../../server/missing-file.ts'
import type { DatabaseLocation } from '../../store/types.ts'
import { CommandError } from '../failure.ts'

/** Throws `CommandError` where there is no database file. */
export function refuseMissing(location: DatabaseLocation): void {
  if (location.engine === 'sqlite' && isMissing(location))
    throw new CommandError(`there is no database at ${location.path}`)
}
