import type { ExpressionBuilder } from 'kysely'
import type { ClientRow, Schema } from '../schema.ts'
import type { Database } from '../types.ts'

const noSecrets = {
  secret_hash: null,
  secret_set_at: null,
  previous_secret_hash: null,
  previous_secret_ends_at: null,
}

/** A client without what is only ever set by itself. */
type WrittenClient = Omit<ClientRow, 'realm' | keyof typeof noSecrets>

/** Columns that a declared client is written over in. */
const declaredColumns = [
  'kind',
  'origins',
  'redirect_uris',
  'front_end_url',
  'brand',
  'settings',
  'declared_at',
] as const satisfies (keyof WrittenClient)[]

/** Of one statement: engines bind 32,766 values at most. */
const maxRows = 1000

type ClientKey = Pick<ClientRow, 'dialect' | 'id'>

const isClient =
  (realm: string, { dialect, id }: ClientKey) =>
  (eb: ExpressionBuilder<Schema, 'clients'>) =>
    eb.and({ realm, dialect, id })

/** The registered clients of one realm. */
export function clients(db: Database, realm: string) {
  return {
    ...declaredClients(db, realm),

    list: (): Promise<ClientRow[]> =>
      db
        .selectFrom('clients')
        .selectAll()
        .where('realm', '=', realm)
        .orderBy('dialect')
        .orderBy('id')
        .execute(),

    /** Whether there is such a client. */
    has: async (client: ClientKey): Promise<boolean> => {
      const known = db.selectFrom('clients').select('id').where(isClient(realm, client))
      return (await known.executeTakeFirst()) !== undefined
    },

    /** Stores a client that no configuration declares; `undefined` when its id is taken. */
    add: (client: Omit<WrittenClient, 'declared_at'>): Promise<ClientRow | undefined> =>
      db
        .insertInto('clients')
        .values({ ...client, realm, declared_at: null })
        .onConflict((conflict) => conflict.doNothing())
        .returningAll()
        .executeTakeFirst(),

    /** Gives a client another secret, of which only the hash is kept; `undefined` when there is no such client. */
    setSecret: (
      client: ClientKey,
      { hash, previousEndsAt, now }: { hash: string; previousEndsAt: number | null; now: number },
    ): Promise<ClientRow | undefined> =>
      db
        .updateTable('clients')
        .set((eb) => ({
          secret_hash: hash,
          secret_set_at: now,
          previous_secret_hash: previousEndsAt === null ? null : eb.ref('secret_hash'),
          previous_secret_ends_at: previousEndsAt,
        }))
        .where(isClient(realm, client))
        .returningAll()
        .executeTakeFirst(),

    /** Writes over a client that no configuration declares; a secret that it was given stays. */
    change: async ({ dialect, id, ...client }: Omit<WrittenClient, 'declared_at'>): Promise<void> => {
      await db
        .updateTable('clients')
        .set(client)
        .where(isClient(realm, { dialect, id }))
        .where('declared_at', 'is', null)
        .execute()
    },

    /** Removes a client that no configuration declares; `undefined` when there is none. */
    remove: (client: ClientKey): Promise<ClientRow | undefined> =>
      db
        .deleteFrom('clients')
        .where(isClient(realm, client))
        .where('declared_at', 'is', null)
        .returningAll()
        .executeTakeFirst(),
  }
}

/** Those that come and go with the configuration. */
function declaredClients(db: Database, realm: string) {
  return {
    /**
     * Writes declared clients over what was declared of them before, and gives what it has written; secrets that they
     * were given stay. A client that was stored under one of their ids and that no configuration declares stays as it is.
     */
    put: async (clients: WrittenClient[]): Promise<ClientKey[]> => {
      const written: ClientKey[] = []
      for (let from = 0; from < clients.length; from += maxRows) {
        const rows = clients.slice(from, from + maxRows).map((client) => ({ ...client, realm }))
        written.push(...(await putDeclared(db, rows)))
      }
      return written
    },

    /** Removes what an earlier configuration declared and this one does not. */
    removeUndeclared: async (declaredAt: number): Promise<void> => {
      await db
        .deleteFrom('clients')
        .where('realm', '=', realm)
        // Not only what is older: the clock may have been set back since.
        .where('declared_at', '<>', declaredAt)
        .execute()
    },
  }
}

function putDeclared(db: Database, rows: (WrittenClient & { realm: string })[]): Promise<ClientKey[]> {
  return db
    .insertInto('clients')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['realm', 'dialect', 'id'])
        .doUpdateSet((eb) =>
          Object.fromEntries(declaredColumns.map((column) => [column, eb.ref(`excluded.${column}`)])),
        )
        .where('clients.declared_at', 'is not', null),
    )
    .returning(['dialect', 'id'])
    .execute()
}
