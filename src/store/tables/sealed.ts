import { sql } from 'kysely'
import type { Database } from '../types.ts'
import { countUpdated } from './rows.ts'

/** A sealed text and whose it is: its id is part of what it was sealed for. */
export interface SealedRow {
  id: string
  sealed: string
}

/** How many rows were made under one master key. */
export interface KeyCount {
  keyId: string
  count: number
}

/** The sealed texts of a table, for moving them from one master key to another. Nobody opens again what has expired. */
export interface SealedTexts {
  /** The first of those under one of these keys, of which there is one at least, behind the row `after`, by id. */
  sealedUnder(keyIds: string[], range: { after: string; max: number; now: number }): Promise<SealedRow[]>
  /** Replaces a text that nobody has changed meanwhile, and says whether it could. */
  reseal(row: SealedRow, next: { sealed: string; keyId: string }): Promise<boolean>
  countSealed(now: number): Promise<KeyCount[]>
}

export const countRows = sql<number>`count(*)`.as('count')

/** Where a table keeps its sealed texts, and the ids of its rows. */
interface SealedColumns {
  table:
    | 'signing_keys'
    | 'totp'
    | 'authenticators'
    | 'hash_secrets'
    | 'retained_keys'
    | 'openid_artifacts'
    | 'webhook_secrets'
  id: 'id' | 'account_id'
  text: 'private_sealed' | 'secret_sealed' | 'keys_sealed' | 'payload_sealed'
  /** Of every row, where not given. */
  realm?: string
  /** When they expire, where they do. */
  end?: 'expires_at'
}

/** The sealed texts of one table. What is retired has an empty one, which was sealed under no key. */
export function sealedTexts(db: Database, { table, id, text, realm, end }: SealedColumns): SealedTexts {
  const isOurs = () => (realm === undefined ? sql<boolean>`true` : sql<boolean>`realm = ${realm}`)
  const rows = (now: number) =>
    db
      .selectFrom(table)
      .where(isOurs())
      .where('sealed_under', '<>', '')
      .where(end === undefined ? sql<boolean>`true` : sql<boolean>`${sql.ref(end)} > ${now}`)

  return {
    sealedUnder: (keyIds, { after, max, now }) =>
      rows(now)
        .select([sql.ref<string>(id).as('id'), sql.ref<string>(text).as('sealed')])
        .where('sealed_under', 'in', keyIds)
        .where(sql.ref(id), '>', after)
        .orderBy(sql.ref(id))
        .limit(max)
        .execute(),

    reseal: async (row, next) => {
      const resealed = db
        .updateTable(table)
        .set({ [text]: next.sealed, sealed_under: next.keyId })
        .where(isOurs())
        .where(sql.ref(id), '=', row.id)
        .where(sql.ref(text), '=', row.sealed)
      return (await countUpdated(resealed)) > 0
    },

    countSealed: (now) =>
      rows(now).select(['sealed_under as keyId', countRows]).groupBy('sealed_under').execute(),
  }
}
