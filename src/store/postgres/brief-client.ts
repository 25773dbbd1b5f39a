import pg from 'pg'
import { driverUrl } from '../../lib/postgres-url.ts'

/**
 * A connection of its own to PostgreSQL, for a moment. Throws what connecting throws. A statement that takes longer
 * than `queryTimeoutMs` throws, and the connection is of no use any more. The caller closes it.
 */
export async function openClient(url: string, queryTimeoutMs: number): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: driverUrl(url),
    application_name: 'manydoors',
    connectionTimeoutMillis: 5_000,
    query_timeout: queryTimeoutMs,
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
