import { setImmediate as others } from 'node:timers/promises'
import { sql } from 'kysely'
import { compiled } from '../../compiled.ts'
import type { Database } from '../../types.ts'

/** How the passwords of a realm's accounts are kept. */
export interface PasswordCounts {
  /** All there are; 0 where none has a hash of another system, as then nothing depends on it. */
  accounts: number
  /** Without a hash, as the old server of a dialect knows the password. */
  pending: number
  /** The hashes that other systems have made, by kind and cost. */
  kinds: { label: string; accounts: number; sample: string }[]
}

/** Rows that are counted in one go: a few milliseconds, in which nobody else is served on SQLite. */
const batch = 20_000

// Each wrong password asks, while there is an old server.
const anyPending = compiled((db, { realm, dialect }: { realm: string; dialect: string }) =>
  db
    .selectFrom('accounts')
    .select('password_pending')
    .where('realm', '=', realm)
    .where('password_pending', '=', dialect)
    .limit(sql.lit(1)),
)

/** Counts the accounts of one realm by how their passwords are kept. */
export function passwordKinds(db: Database, realm: string) {
  const ofRealm = () => db.selectFrom('accounts').where('realm', '=', realm)
  const ofKind = (label: string) => ofRealm().where('password_kind', '=', label)

  /** The label behind that one; steps from one to the next, however many accounts each has. */
  const nextLabel = async (after: string): Promise<string | undefined> => {
    const next = ofRealm().where('password_kind', 'is not', null).where('password_kind', '>', after)
    const found = await next.select('password_kind').orderBy('password_kind').limit(1).executeTakeFirst()
    return found?.password_kind ?? undefined
  }

  const passwordLabels = async (): Promise<string[]> => {
    const labels: string[] = []
    for (let label = await nextLabel(''); label !== undefined; label = await nextLabel(label))
      labels.push(label)
    return labels
  }

  const countKind = async (label: string): Promise<number> => {
    let total = 0
    for (let after = ''; ; await others()) {
      const next = ofKind(label).select('id').where('id', '>', after).orderBy('id').limit(batch)
      const counted = sql<number>`count(*)`.as('count')
      const last = sql<string | null>`max(id)`.as('last')
      const page = await db.selectFrom(next.as('next')).select([counted, last]).executeTakeFirst()
      const count = Number(page?.count ?? 0)
      total += count
      if (count < batch || !page?.last) return total
      after = page.last
    }
  }

  const sampleOf = async (label: string): Promise<string | undefined> => {
    const first = ofKind(label).where('password_hash', 'is not', null).select('password_hash')
    return (await first.orderBy('id').limit(1).executeTakeFirst())?.password_hash ?? undefined
  }

  const count = async (rows: ReturnType<typeof ofRealm>): Promise<number> =>
    Number((await rows.select(sql<number>`count(*)`.as('count')).executeTakeFirst())?.count ?? 0)

  return {
    /** Whether any account waits for the old server of that dialect. Quick. */
    isAnyPending: async (dialect: string): Promise<boolean> =>
      (await anyPending(db, { realm, dialect })).length > 0,

    /** Kinds and costs of the hashes that other systems have made, in the order of the alphabet. Quick. */
    passwordLabels,

    /** Reads an index from end to end, and lets others in between. */
    countPasswords: async (): Promise<PasswordCounts> => {
      const kinds: PasswordCounts['kinds'] = []
      for (const label of await passwordLabels()) {
        const sample = await sampleOf(label)
        if (sample !== undefined) kinds.push({ label, accounts: await countKind(label), sample })
      }
      const pending = await count(ofRealm().where('password_pending', 'is not', null))
      return { accounts: kinds.length > 0 ? await count(ofRealm()) : 0, pending, kinds }
    },
  }
}
