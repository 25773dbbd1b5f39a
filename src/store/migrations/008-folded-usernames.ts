import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { foldUsername } from '../../lib/fold-username.ts'

const batch = 1000

interface Named {
  id: string
  realm: string
  username: string
  username_key: string
}

/**
 * Compares user names folded and not in lower case alone. Where two accounts come to the same, the one whose name was
 * folded already has it, else the older one; the other keeps its key, and so is known by its own spelling.
 */
export const foldedUsernames: Migration = {
  async up(db: Kysely<unknown>) {
    for (let after: string | undefined = ''; after !== undefined; ) {
      // By their ids, which is by their age.
      const { rows }: { rows: Named[] } =
        await sql<Named>`select id, realm, username, username_key from accounts
        where username is not null and id > ${after} order by id limit ${batch}`.execute(db)
      for (const row of rows) await fold(db, row)
      after = rows.at(-1)?.id
    }
  },
}

async function fold(db: Kysely<unknown>, { id, realm, username, username_key }: Named): Promise<void> {
  const folded = foldUsername(username)
  // Nothing is left of a name of invisible characters.
  if (folded === username_key || folded === '') return
  await sql`update accounts set username_key = ${folded} where id = ${id} and not exists
    (select 1 from accounts other where other.realm = ${realm} and other.username_key = ${folded})`.execute(
    db,
  )
}
