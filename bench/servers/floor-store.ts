import type { JsonWebKey } from 'node:crypto'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import pg from 'pg'
import type { Row } from './floor-tokens.ts'
import type { FloorWrite } from './floor-writer.ts'

/** Statements with numbered parameters, durable when their promise resolves. */
export type Write = (sql: string, ...values: SQLInputValue[]) => Promise<Row>

/** A thread that commits together what waits, or, for comparison, each by itself. */
export function sqliteWrite(path: string, isAlone: boolean): Write {
  const writer = new Worker(new URL('./floor-writer.ts', import.meta.url), { workerData: { path, isAlone } })
  const waiting = new Map<number, (row: Row) => void>()
  let unsent: FloorWrite[] = []
  let last = 0
  writer.on('message', (answers: { number: number; row: Row }[]) => {
    for (const { number, row } of answers) {
      waiting.get(number)?.(row)
      waiting.delete(number)
    }
  })
  const send = () => {
    writer.postMessage(unsent)
    unsent = []
  }
  return (sql, ...values) =>
    new Promise((done) => {
      const number = ++last
      waiting.set(number, done)
      if (unsent.length === 0) setImmediate(send)
      unsent.push({ number, sql, values })
    })
}

/** Named statements through a pool, as many connections as Manydoors has. */
export function postgresWrite(url: string): Write {
  const pool = new pg.Pool({ connectionString: url, max: 10 })
  const names = new Map<string, string>()
  return async (sql, ...values) => {
    const name = names.get(sql) ?? `floor-${names.size}`
    names.set(sql, name)
    const { rows } = await pool.query({ name, text: sql.replaceAll('?', '$'), values })
    return rows[0]
  }
}

/** The reads that the routes need, prepared when they are first used. */
export function sqliteReads(path: string) {
  const database = new DatabaseSync(path)
  database.exec('pragma journal_mode = wal; pragma cache_size = -65536; pragma mmap_size = 1073741824')
  const statements = new Map<string, StatementSync>()
  const prepare = (sql: string) => {
    const statement = statements.get(sql) ?? database.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
  const live = `select sessions.*, accounts.* from sessions join accounts on accounts.id = sessions.account_id
    where sessions.id = ? and sessions.ended_at is null and sessions.idle_expires_at > ?`
  const list = `select * from sessions where account_id = ? and dialect = 'credebl' and ended_at is null
    and idle_expires_at > ? order by created_at desc, id desc`
  return {
    jwkOf: (id: string): JsonWebKey | undefined => {
      const key = prepare('select public_jwk from signing_keys where id = ?').get(id)
      return key && JSON.parse(String(key.public_jwk))
    },
    /** The session with its account. */
    liveCaller: (id: string, now: number) => prepare(live).get(id, now) as Row,
    sessionsOf: (accountId: string, now: number) => prepare(list).all(accountId, now) as NonNullable<Row>[],
  }
}
