import type { Database } from '../../types.ts'

/** The sessions of a realm that have neither ended nor expired. */
export const liveOf = (db: Database, realm: string, now: number) =>
  db
    .selectFrom('sessions')
    .selectAll()
    .where('realm', '=', realm)
    .where('ended_at', 'is', null)
    .where('idle_expires_at', '>', now)
