import pg from 'pg'
import { driverUrl } from '../../lib/postgres-url.ts'

/** How long a connection that is opened for a moment waits, in milliseconds. */
export interface ClientPatience {
  /** To be let in. */
  connect: number
  /** For each statement: then it throws, and the connection is of no use any more. */
  query: number
}

/** A connection of its own to PostgreSQL, for a moment. Throws what connecting throws. The caller closes it. */
export async function openClient(url: string, { connect, query }: ClientPatience): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: driverUrl(url),
    application_name: 'manydoors',
    connectionTimeoutMillis: connect,
    query_timeout: query,
  })
  // One that breaks is noticed by its next statement.
  client.on('error', () => {})
  await client.connect()
  return client
}

/** Says goodbye and waits for no answer: a server that hangs must not be waited for. */
export function closeClient(client: pg.Client): void {
  client.end().catch(() => {})
}
