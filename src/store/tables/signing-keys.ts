import { sql } from 'kysely'
import type { SigningAlgorithm, SigningKeyRow } from '../schema.ts'
import type { Database } from '../types.ts'
import { sealedTexts } from './sealed.ts'

/** The key pairs of one realm; private halves are sealed before they come here. */
export function signingKeys(db: Database, realm: string) {
  const update = () => db.updateTable('signing_keys').where('realm', '=', realm).returningAll()

  const retire = (sequence: number, now: number) =>
    update()
      .set({ retired_at: now, private_sealed: '', sealed_under: '' })
      .where('sequence', '<=', sequence)
      .where('retired_at', 'is', null)

  return {
    ...sealedTexts(db, { table: 'signing_keys', id: 'id', text: 'private_sealed', realm }),

    /** In their sequence, those that are retired too. */
    list: (): Promise<SigningKeyRow[]> =>
      db.selectFrom('signing_keys').selectAll().where('realm', '=', realm).orderBy('sequence').execute(),

    /** Adds a key at its place in the sequence, and says whether it could: not when another node has put one there. */
    add: async (key: Omit<SigningKeyRow, 'realm'>): Promise<boolean> => {
      const insert = db.insertInto('signing_keys').values({ ...key, realm })
      const added = insert.onConflict((conflict) => conflict.doNothing()).returning('id')
      return (await added.executeTakeFirst()) !== undefined
    },

    /** Has a key sign from now on. Of any number of callers one succeeds, the others get `undefined`. */
    activate: (sequence: number, now: number): Promise<SigningKeyRow | undefined> =>
      update()
        .set({ activated_at: now })
        .where('sequence', '=', sequence)
        .where('activated_at', 'is', null)
        .where('retired_at', 'is', null)
        .executeTakeFirst(),

    /** Withdraws every key up to that place in the sequence, erases the private halves, and returns the keys. */
    retireUpTo: (sequence: number, now: number): Promise<SigningKeyRow[]> => retire(sequence, now).execute(),

    /** Likewise the keys of one algorithm alone. */
    retireAlgorithmUpTo: (
      { sequence, algorithm }: { sequence: number; algorithm: SigningAlgorithm },
      now: number,
    ): Promise<SigningKeyRow[]> => retire(sequence, now).where('algorithm', '=', algorithm).execute(),
  }
}

/** Since when, in epoch milliseconds, the keys sign that sign in each of these realms: of several, the oldest. */
export function signingSince(db: Database, realms: string[]): Promise<{ realm: string; since: number }[]> {
  const current = db
    .selectFrom('signing_keys')
    .select(['realm', sql<number>`max(activated_at)`.as('since')])
    .where('realm', 'in', realms)
    .where('retired_at', 'is', null)
    .where('activated_at', 'is not', null)
    .groupBy(['realm', 'algorithm'])
  return db
    .selectFrom(current.as('current'))
    .select(['realm', sql<number>`min(since)`.as('since')])
    .groupBy('realm')
    .execute()
}
