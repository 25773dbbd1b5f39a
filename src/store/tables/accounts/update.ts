import { sql } from 'kysely'
import type { Database } from '../../types.ts'

/** Begins to change an account; what it returns is the changed row. */
export function updateAccount(db: Database, realm: string, id: string) {
  return db.updateTable('accounts').where('id', '=', id).where('realm', '=', realm).returningAll()
}

/** When a password is set: later than the last change, also when the clock is not, so that it tells one from every other. */
function nextChange(now: number) {
  return sql<number>`case when password_changed_at >= ${now} then password_changed_at + 1 else ${now} end`
}

/** A password that is set here, by its hash (`null`: none); nothing is left of one that another system knew. */
export function ownPassword(hash: string | null, now: number) {
  return {
    password_hash: hash,
    password_kind: null,
    password_pending: null,
    password_changed_at: nextChange(now),
  }
}
