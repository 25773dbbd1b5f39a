import type { PostgresLocation } from '../types.ts'
import { DatabaseUnavailable } from '../unavailable.ts'
import { closeClient, openClient } from './brief-client.ts'
import { currentUrl } from './current-url.ts'

/** For how long an answer holds, so that probes cost a connection no more often than that. */
const answerLifetimeMs = 3_000
const queryTimeoutMs = 5_000

/**
 * Asks whether PostgreSQL lets somebody new in and can be written: those who were let in before may go on for long when
 * it does not. Throws `DatabaseUnavailable` when it does not. All who ask at once, or within three seconds, share an
 * answer.
 */
export function connectionProbe(location: PostgresLocation): () => Promise<void> {
  const current = currentUrl(location)
  let answer: Promise<void> | undefined
  let goodUntil = Number.POSITIVE_INFINITY

  const ask = async () => {
    const { url } = current
    try {
      await tryNewConnection(url).catch((error) => {
        if (!current.isRenewed(url)) throw error
        return tryNewConnection(current.url)
      })
    } catch (error) {
      throw new DatabaseUnavailable(error)
    } finally {
      goodUntil = performance.now() + answerLifetimeMs
    }
  }
  return () => {
    if (answer && performance.now() < goodUntil) return answer
    goodUntil = Number.POSITIVE_INFINITY
    answer = ask()
    return answer
  }
}

async function tryNewConnection(url: string): Promise<void> {
  const client = await openClient(url, queryTimeoutMs)
  try {
    const { rows } = await client.query<{ transaction_read_only: string }>('show transaction_read_only')
    if (rows[0]?.transaction_read_only === 'on') throw new Error('the database can only be read')
  } finally {
    closeClient(client)
  }
}
