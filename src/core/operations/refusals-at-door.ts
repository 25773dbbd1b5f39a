import type { AuditRow } from '../../store/schema.ts'
import type { RealmContext } from '../context.ts'

const dayMs = 24 * 60 * 60_000
const maxShown = 20

/** The newest of what a door has refused in the last day, newest first. */
export function refusalsAtDoor({ store, now }: RealmContext, dialect: string): Promise<AuditRow[]> {
  return store.audit.newestRefusedAt(dialect, { since: now() - dayMs, max: maxShown })
}
