import { sql } from 'kysely'

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

/** The sealed texts of a table, for moving them from one master key to another. */
export interface SealedTexts {
  /** The first of those under one of these keys, of which there is one at least, behind the row `after`, by id. */
  sealedUnder(keyIds: string[], range: { after: string; max: number }): Promise<SealedRow[]>
  /** Puts a text in the place of one that nobody has changed meanwhile, and says whether it could. */
  reseal(row: SealedRow, next: { sealed: string; keyId: string }): Promise<boolean>
  countSealed(): Promise<KeyCount[]>
}

export const countRows = sql<number>`count(*)`.as('count')
