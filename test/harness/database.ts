import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { eventually } from './events.ts'

export type Row = Record<string, unknown>

/** What a database holds, read past the server: one SELECT statement. PostgreSQL gives bigint as text. */
export async function select(databaseUrl: string, statement: string): Promise<Row[]> {
  const reader = await openReader(databaseUrl)
  try {
    return await reader.select(statement)
  } finally {
    await reader.close()
  }
}

/** The rows of a SELECT statement, read again and again past the server until they are wanted. */
export async function rowsOnce(
  databaseUrl: string,
  { what, statement, areWanted }: { what: string; statement: string; areWanted(rows: Row[]): unknown },
): Promise<Row[]> {
  const reader = await openReader(databaseUrl)
  try {
    return await eventually(what, async () => {
      const rows = await reader.select(statement)
      return areWanted(rows) ? rows : undefined
    })
  } finally {
    await reader.close()
  }
}

interface Reader {
  select(statement: string): Promise<Row[]>
  close(): Promise<void>
}

async function openReader(databaseUrl: string): Promise<Reader> {
  if (databaseUrl.startsWith('sqlite:')) {
    const database = new DatabaseSync(databaseUrl.slice('sqlite:'.length), { readOnly: true })
    return {
      select: async (statement) => database.prepare(statement).all(),
      close: async () => database.close(),
    }
  }
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  return { select: async (statement) => (await client.query(statement)).rows, close: () => client.end() }
}

/** Changes a database past the server: one statement. */
export async function execute(databaseUrl: string, statement: string): Promise<void> {
  if (!databaseUrl.startsWith('sqlite:')) {
    await select(databaseUrl, statement)
    return
  }
  const database = new DatabaseSync(databaseUrl.slice('sqlite:'.length))
  try {
    while (!isDone(database, statement)) await pause(5)
  } finally {
    database.close()
  }
}

/** Not when somebody else is writing. To wait for that here would stop the server, which runs on this thread too. */
function isDone(database: DatabaseSync, statement: string): boolean {
  try {
    database.exec(statement)
    return true
  } catch (error) {
    const busy = 5
    if ((error as { errcode?: number }).errcode !== busy) throw error
    return false
  }
}

/** The names of all tables that the server made, in alphabetical order. */
export async function tableNames(databaseUrl: string): Promise<string[]> {
  const rows = await select(
    databaseUrl,
    databaseUrl.startsWith('sqlite:')
      ? `select name from sqlite_master where type = 'table'`
      : `select table_name as name from information_schema.tables where table_schema = 'public'`,
  )
  return rows.map(({ name }) => String(name)).sort()
}

/** The rows of every table but those, by its name. Each table is a query; to open a database for each costs more. */
export async function allRows(databaseUrl: string, but: string[] = []): Promise<Map<string, Row[]>> {
  const tables = (await tableNames(databaseUrl)).filter((table) => !but.includes(table))
  const reader = await openReader(databaseUrl)
  try {
    const rows = new Map<string, Row[]>()
    for (const table of tables) rows.set(table, await reader.select(`select * from "${table}"`))
    return rows
  } finally {
    await reader.close()
  }
}
