import type { AuditRow } from '../../store/schema.ts'
import type { RealmContext } from '../context.ts'

const dayMs = 24 * 60 * 60_000
const maxOfDoor = 20
/** Rows that are looked at. A flood at one door may hide what another one has refused before it; the trail has it all. */
const maxLookedAt = 1_000

/** The newest of what doors have refused in the last day, newest first, by their dialects. */
export async function refusalsAtDoors({ store, now }: RealmContext): Promise<Map<string, AuditRow[]>> {
  const rows = await store.audit.newestRefused({ since: now() - dayMs, max: maxLookedAt })
  const byDoor = Map.groupBy(rows, ({ dialect }) => dialect ?? '')
  return new Map([...byDoor].map(([dialect, rows]) => [dialect, rows.slice(0, maxOfDoor)]))
}
