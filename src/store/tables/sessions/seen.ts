import { sql } from 'kysely'
import { compiled } from '../../compiled.ts'
import type { SessionRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { sessionDevices } from './devices.ts'

/** Where and on what an account was signed in to. */
export interface SeenSession {
  ip: string
  /** A `Device` of the core as JSON; `null` without a user agent. */
  device: string | null
  created_at: number
}

interface SeenList {
  realm: string
  accountId: string
  /** Of the session that is not meant. */
  id: string
  max: number
}

// What every sign-in waits for.
const seenBefore = compiled((db, { realm, accountId, id, max }: SeenList) => {
  const newest = db
    .selectFrom('sessions')
    .select(['ip', 'device', 'created_at'])
    .where('realm', '=', realm)
    .where('account_id', '=', accountId)
    .where('ip', 'is not', null)
    .where('id', '<>', id)
    .orderBy('created_at', 'desc')
    .limit(max)
  const brought = db
    .selectFrom('known_addresses')
    .select((eb) => [
      eb.ref('ip').$castTo<string | null>().as('ip'),
      sql<string | null>`null`.as('device'),
      sql<number | null>`null`.as('created_at'),
    ])
    .where('realm', '=', realm)
    .where('account_id', '=', accountId)
  return db
    .selectFrom(newest.as('newest'))
    .select((eb) => ['ip', 'device', eb.ref('created_at').$castTo<number | null>().as('created_at')])
    .unionAll(brought)
})

/** How the accounts of one realm have been used so far. */
export function seenSessions(db: Database, realm: string) {
  return {
    ...sessionDevices(db, realm),

    /**
     * Where and on what the newest `max` other sessions of an account were opened, oldest first, whether they have ended
     * or not, but for those of which that was forgotten; and the IPs that it has brought along from another system.
     */
    seenBefore: async (
      { id, account_id: accountId }: Pick<SessionRow, 'id' | 'account_id'>,
      max: number,
    ): Promise<{ before: SeenSession[]; ips: string[] }> => {
      const rows = await seenBefore(db, { realm, accountId, id, max })
      const before: SeenSession[] = []
      const ips: string[] = []
      for (const { ip, device, created_at } of rows) {
        if (ip === null) continue
        if (created_at === null) ips.push(ip)
        else before.push({ ip, device, created_at })
      }
      return { before: before.sort((one, other) => one.created_at - other.created_at), ips }
    },
  }
}
