import { compiled } from '../../compiled.ts'
import type { OpenidArtifactRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { sealedTexts } from '../sealed.ts'

type NewArtifact = Omit<OpenidArtifactRow, 'realm' | 'consumed_at'>

// Every step of an authorization reads some.
const byId = compiled((db, { realm, id, now }: { realm: string; id: string; now: number }) =>
  db
    .selectFrom('openid_artifacts')
    .selectAll()
    .where('realm', '=', realm)
    .where('id', '=', id)
    .where('expires_at', '>', now),
)

/** What the OpenID Connect library keeps of one realm, by the hash of what finds it. */
export function openidArtifacts(db: Database, realm: string) {
  return {
    ...keptArtifacts(db, realm),

    /** Stores an artifact, or writes over the one of that id; whether that one was consumed stays. */
    put: async (artifact: NewArtifact): Promise<void> => {
      await db
        .insertInto('openid_artifacts')
        .values({ ...artifact, realm, consumed_at: null })
        .onConflict((conflict) => conflict.columns(['realm', 'id']).doUpdateSet(artifact))
        .execute()
    },

    /** Stores an artifact, and says whether it could: not when there is one of that id. */
    add: async (artifact: NewArtifact): Promise<boolean> => {
      const insert = db.insertInto('openid_artifacts').values({ ...artifact, realm, consumed_at: null })
      const added = insert.onConflict((conflict) => conflict.doNothing()).returning('id')
      return (await added.executeTakeFirst()) !== undefined
    },

    /** One that has not expired, whether it was consumed or not. */
    byId: async (id: string, now: number): Promise<OpenidArtifactRow | undefined> =>
      (await byId(db, { realm, id, now }))[0],

    /** Likewise, by another name of it. */
    byHash: (
      column: 'uid_hash' | 'user_code_hash',
      { kind, hash, now }: { kind: string; hash: string; now: number },
    ): Promise<OpenidArtifactRow | undefined> =>
      db
        .selectFrom('openid_artifacts')
        .selectAll()
        .where((eb) => eb.and({ realm, kind }))
        .where(column, '=', hash)
        .where('expires_at', '>', now)
        .executeTakeFirst(),

    /** Uses one up. Of any number of callers one gets it, the others `undefined`. */
    consume: (id: string, now: number): Promise<OpenidArtifactRow | undefined> =>
      db
        .updateTable('openid_artifacts')
        .set({ consumed_at: now })
        .where((eb) => eb.and({ realm, id }))
        .where('consumed_at', 'is', null)
        .where('expires_at', '>', now)
        .returningAll()
        .executeTakeFirst(),

    remove: async (id: string): Promise<void> => {
      await db
        .deleteFrom('openid_artifacts')
        .where((eb) => eb.and({ realm, id }))
        .execute()
    },

    /** Removes those of these kinds that belong to a grant, or to an account. */
    removeOf: async (of: { grant_id: string } | { account_id: string }, kinds: string[]): Promise<void> => {
      await db
        .deleteFrom('openid_artifacts')
        .where((eb) => eb.and({ realm, ...of }))
        .where('kind', 'in', kinds)
        .execute()
    },
  }
}

/** What is kept, whatever it is. */
function keptArtifacts(db: Database, realm: string) {
  return {
    ...sealedTexts(db, {
      table: 'openid_artifacts',
      id: 'id',
      text: 'payload_sealed',
      realm,
      end: 'expires_at',
    }),

    /** What was made for an account and has not expired, oldest first. */
    listOf: (accountId: string, now: number): Promise<OpenidArtifactRow[]> =>
      db
        .selectFrom('openid_artifacts')
        .selectAll()
        .where((eb) => eb.and({ realm, account_id: accountId }))
        .where('expires_at', '>', now)
        .orderBy('created_at')
        .orderBy('id')
        .execute(),
  }
}
