import { sql } from 'kysely'
import type { TrafficRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { givenRows } from '../imports/given-rows.ts'

const columns = {
  realm: 'text',
  minute: 'bigint',
  node: 'text',
  dialect: 'text',
  kind: 'text',
  ok: 'bigint',
  refused: 'bigint',
  failed: 'bigint',
  outcomes: 'text',
  buckets: 'text',
} as const

const names = sql.join(Object.keys(columns).map((name) => sql.ref(name)))

/**
 * Adds what a process has counted in its finished minutes, of all realms, in one statement. What is there stays as it is,
 * so that a statement that was kept although it seemed to fail is not counted twice.
 */
export async function addTraffic(db: Database, rows: TrafficRow[]): Promise<void> {
  if (rows.length === 0) return
  // Without a condition SQLite would take ON CONFLICT for that of a join.
  await sql`insert into traffic (${names}) select ${names} from ${givenRows(db, columns, rows.map(fieldsOf))}
    where true on conflict do nothing`.execute(db)
}

function fieldsOf({ ...fields }: TrafficRow): { [name in keyof typeof columns]: string | number } {
  return fields
}

/** What was counted, whichever node has counted it. */
export type Counted = Omit<TrafficRow, 'realm' | 'node'>

/** How much one realm was asked for. */
export function traffic(db: Database, realm: string) {
  return {
    /** What all nodes have counted of these kinds in the minutes that began from `since` on and before `until`; epoch milliseconds. */
    between: (since: number, until: number, kinds: readonly string[]): Promise<Counted[]> =>
      db
        .selectFrom('traffic')
        .select(['minute', 'dialect', 'kind', 'ok', 'refused', 'failed', 'outcomes', 'buckets'])
        .where('realm', '=', realm)
        .where('minute', '>=', since)
        .where('minute', '<', until)
        .where('kind', 'in', kinds)
        .execute(),
  }
}
