import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { allRows } from './database.ts'
import type { TestServer } from './harness.ts'

/** Every value of every table, one a line. */
export async function everyColumn(server: TestServer): Promise<Buffer> {
  const tables = await allRows(server.env.DATABASE_URL ?? '')
  assert.ok(tables.has('sessions'))
  return Buffer.from(
    [...tables.values()]
      .flat()
      .flatMap((row) => Object.values(row))
      .join('\n'),
  )
}

/** Everything in the data folder: with SQLite the database and what is not merged into it yet. */
export async function everyFile(server: TestServer): Promise<Buffer> {
  const folder = server.env.MANYDOORS_DATA ?? ''
  const files = (await readdir(folder)).filter((name) => !name.endsWith('-shm'))
  assert.ok(files.includes('master.key'))
  return Buffer.concat(await Promise.all(files.map((name) => readFile(join(folder, name)))))
}
