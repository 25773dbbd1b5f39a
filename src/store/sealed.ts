import { type RawBuilder, type SqlBool, sql } from 'kysely'

/** A sealed text and whose it is: its id is part of what it was sealed for. */
export interface SealedRow {
  id: string
  sealed: string
}

/** How many rows were made under one master key; `null` stands for those that a former release has made. */
export interface KeyCount {
  keyId: string | null
  count: number
}

/** The sealed texts of a table, for moving them from one master key to another. */
export interface SealedTexts {
  /** The first of those under one of these keys, or an unknown one, behind the row `after`; in the order of ids. */
  sealedUnder(keyIds: string[], range: { after: string; most: number }): Promise<SealedRow[]>
  /** Puts a text in the place of one that nobody has changed meanwhile, and says whether it could. */
  reseal(row: SealedRow, next: { sealed: string; keyId: string }): Promise<boolean>
  countSealed(): Promise<KeyCount[]>
}

/** Whether a row was sealed under one of these keys, or an unknown one. */
export function isSealedUnder(keyIds: string[]): RawBuilder<SqlBool> {
  if (keyIds.length === 0) return sql`sealed_under is null`
  return sql`(sealed_under is null or sealed_under in (${sql.join(keyIds)}))`
}

export const countRows = sql<number>`count(*)`.as('count')
