import type { ImportFormat } from '../format.ts'
import { readTables } from '../tables/read-tables.ts'
import type { AccountRow, Outcome, TableFormat } from '../tables/table-format.ts'
import { withMap } from '../tables/with-map.ts'

/** The rows of PocketBase's collection `users`. `tokenKey`, which signs tokens, is not read. */
export const pocketbase: ImportFormat = {
  name: 'pocketbase',
  description: 'PocketBase: the table users of data.db as JSON or CSV',
  read: (files, options) => readTables(files, options, withMap(tables, options.map)),
}

const tables: TableFormat = {
  source: 'pocketbase',
  tables: { users: { columns: ['id', 'email'], oneOf: ['password', 'passwordHash', 'collectionId'] } },
  timeZone: 'UTC',
  recordOf,
}

function recordOf({ columns }: AccountRow): Outcome {
  const id = columns.text('id')
  return {
    record: {
      sourceId: id,
      id,
      email: columns.text('email'),
      emailVerified: columns.flag('verified'),
      username: columns.text('username'),
      passwordHash: columns.text('password') ?? columns.text('passwordHash'),
      createdAt: columns.time('created'),
      profile: { name: columns.text('name'), avatar: columns.text('avatar') },
    },
  }
}
