import { asAddresses } from '../values/addresses.ts'
import type { Columns } from './columns.ts'

/** An account may have any number of sessions. */
const maxAddresses = 5

/** The IPs that sessions began from, in that column, those of the latest sessions first. */
export function sessionAddresses(sessions: Columns[], column: string): string[] {
  const beginOf = (session: Columns) => session.time('createdAt') ?? ''
  const latestFirst = sessions.toSorted((one, other) => beginOf(other).localeCompare(beginOf(one)))
  const addresses = asAddresses(latestFirst.map((session) => session.value(column)))
  return [...new Set(addresses)].slice(0, maxAddresses)
}
