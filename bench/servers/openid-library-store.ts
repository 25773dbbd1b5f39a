import { DatabaseSync } from 'node:sqlite'
import type { Adapter, AdapterPayload } from 'oidc-provider'
import pg from 'pg'

/** One statement, durable when its promise resolves. */
type Run = (sql: string, values: unknown[]) => Promise<Record<string, unknown>[]>

const schema = [
  `create table if not exists artifacts (
    kind text not null, id text not null, payload text not null, grant_id text, uid text, user_code text,
    expires_at bigint, consumed_at bigint, primary key (kind, id))`,
  'create index if not exists artifacts_grant on artifacts (grant_id) where grant_id is not null',
  'create index if not exists artifacts_uid on artifacts (kind, uid) where uid is not null',
  'create index if not exists artifacts_user_code on artifacts (kind, user_code) where user_code is not null',
]

const upsert = `insert into artifacts (kind, id, payload, grant_id, uid, user_code, expires_at)
  values ($1, $2, $3, $4, $5, $6, $7) on conflict (kind, id) do update set payload = excluded.payload,
  grant_id = excluded.grant_id, uid = excluded.uid, user_code = excluded.user_code, expires_at = excluded.expires_at`

/** Statements prepared when they are first used, each of them a commit. */
function openSqlite(path: string): Run {
  const database = new DatabaseSync(path)
  database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -65536')
  for (const statement of schema) database.exec(statement)
  const prepared = new Map<string, ReturnType<DatabaseSync['prepare']>>()
  return async (sql, values) => {
    const statement = prepared.get(sql) ?? database.prepare(sql.replaceAll('$', '?'))
    prepared.set(sql, statement)
    return statement.all(...(values as (string | number | null)[]))
  }
}

/** Named statements through a pool, as many connections as Manydoors has. */
async function openPostgres(url: string): Promise<Run> {
  const pool = new pg.Pool({ connectionString: url, max: 10 })
  for (const statement of schema) await pool.query(statement)
  const names = new Map<string, string>()
  return async (sql, values) => {
    const name = names.get(sql) ?? `peer-${names.size}`
    names.set(sql, name)
    return (await pool.query({ name, text: sql, values })).rows
  }
}

/** What makes the library's adapters on that database: a row for each artifact, as its own examples for SQL have it. */
export async function adapters(database: {
  path: string
  postgres?: string
}): Promise<(kind: string) => Adapter> {
  const run = database.postgres ? await openPostgres(database.postgres) : openSqlite(database.path)
  const payloadOf = ([row]: Record<string, unknown>[]): AdapterPayload | undefined => {
    if (!row || (row.expires_at !== null && Number(row.expires_at) <= Date.now())) return undefined
    const payload = JSON.parse(String(row.payload))
    return row.consumed_at === null ? payload : { ...payload, consumed: Number(row.consumed_at) }
  }
  return (kind) => ({
    upsert: async (id, payload, expiresIn) => {
      const { grantId = null, uid = null, userCode = null } = payload
      const expiresAt = expiresIn ? Date.now() + expiresIn * 1000 : null
      await run(upsert, [kind, id, JSON.stringify(payload), grantId, uid, userCode, expiresAt])
    },
    find: async (id) =>
      payloadOf(await run('select * from artifacts where kind = $1 and id = $2', [kind, id])),
    findByUid: async (uid) =>
      payloadOf(await run('select * from artifacts where kind = $1 and uid = $2', [kind, uid])),
    findByUserCode: async (code) =>
      payloadOf(await run('select * from artifacts where kind = $1 and user_code = $2', [kind, code])),
    consume: async (id) => {
      const now = Math.floor(Date.now() / 1000)
      await run('update artifacts set consumed_at = $3 where kind = $1 and id = $2', [kind, id, now])
    },
    destroy: async (id) => {
      await run('delete from artifacts where kind = $1 and id = $2', [kind, id])
    },
    revokeByGrantId: async (grantId) => {
      await run('delete from artifacts where kind = $1 and grant_id = $2', [kind, grantId])
    },
  })
}
