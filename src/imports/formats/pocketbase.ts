import type { ImportFormat } from '../format.ts'
import { readTables, type TableRow } from './tables.ts'

/** The rows of PocketBase's collection `users`, as `sqlite3 -json` writes them. */
export const pocketbase: ImportFormat = {
  name: 'pocketbase',
  description: 'PocketBase: the table users of data.db as JSON or CSV',
  read: (files, options) =>
    readTables(files, options, {
      format: 'pocketbase',
      main: 'users',
      tables: { users: { columns: ['id', 'tokenKey'] } },
      recordOf,
    }),
}

function recordOf({ columns }: TableRow) {
  const id = columns.text('id')
  return {
    sourceId: id,
    id,
    email: columns.text('email'),
    emailVerified: columns.flag('verified'),
    username: columns.text('username'),
    passwordHash: columns.text('password') ?? columns.text('passwordHash'),
    createdAt: columns.time('created'),
    profile: { name: columns.text('name'), avatar: columns.text('avatar') },
  }
}
