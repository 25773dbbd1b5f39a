import { createHash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'

/** What of an import does not depend on when it ran, or how often it was killed. */
const statements = [
  `select id, email, email_verified_at is not null as is_verified, username, phone, password_hash, password_kind,
    profile, attributes, created_at from accounts order by id`,
  'select source, source_id, account_id, created_account from legacy_links order by source, source_id',
  `select account_id, event from audit where event like 'account%' order by account_id, event`,
]

/** One text for all accounts of a database, their old names and what the audit trail says of them. */
export async function checksumOf(databaseUrl: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const row of rowsOf(databaseUrl)) hash.update(JSON.stringify(row.map(String)))
  return hash.digest('hex')
}

async function* rowsOf(databaseUrl: string): AsyncGenerator<unknown[]> {
  if (databaseUrl.startsWith('sqlite:')) {
    const database = new DatabaseSync(databaseUrl.slice('sqlite:'.length), { readOnly: true })
    for (const statement of statements)
      for (const row of database.prepare(statement).iterate()) yield Object.values(row)
    database.close()
    return
  }
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query('begin')
  for (const statement of statements) {
    await client.query(`declare rows no scroll cursor for ${statement}`)
    for (;;) {
      const { rows } = await client.query({ text: 'fetch 10000 from rows', rowMode: 'array' })
      yield* rows
      if (rows.length === 0) break
    }
    await client.query('close rows')
  }
  await client.end()
}
