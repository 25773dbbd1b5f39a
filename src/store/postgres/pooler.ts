import type pg from 'pg'
import { closeClient, openClient } from './brief-client.ts'

/** What a pooler does with a connection: it stays with whom it was given to, or each transaction may get another. */
export type PoolerMode = 'session' | 'transaction'

const queryTimeoutMs = 3_000

/**
 * Which mode the pooler at this URL is in: two connections begin transactions by turns, and are in session mode if
 * each always meets the same process of PostgreSQL. One that has to wait for the other has no process of its own.
 * Throws what connecting throws.
 */
export async function poolerMode(url: string): Promise<PoolerMode> {
  const clients: pg.Client[] = []
  try {
    const first = await openClient(url, queryTimeoutMs)
    clients.push(first)
    const second = await openClient(url, queryTimeoutMs)
    clients.push(second)
    return (await keepTheirProcesses(first, second)) ? 'session' : 'transaction'
  } finally {
    clients.forEach(closeClient)
  }
}

/** Whether a pooler lies before PostgreSQL, and how it works; throws what connecting throws. */
export async function findPooler(url: string): Promise<PoolerMode | undefined> {
  const client = await openClient(url, queryTimeoutMs)
  try {
    if ((await processOf(client)) === announcedProcess(client)) return undefined
  } finally {
    closeClient(client)
  }
  return poolerMode(url)
}

/** The process of PostgreSQL that was announced when a connection began. Poolers make a number up. */
export function announcedProcess(client: pg.ClientBase): number {
  return (client as pg.ClientBase & { processID: number | null }).processID ?? 0
}

/** Poolers that hand out what was given back last, and those that hand out what has rested longest, show it by turns. */
async function keepTheirProcesses(a: pg.Client, b: pg.Client): Promise<boolean> {
  const met = new Map<pg.Client, number>()
  for (const [first, second] of [[a, b] as const, [b, a] as const, [b, a] as const]) {
    for (const client of [first, second]) {
      const process = await beginOn(client)
      if (process === undefined || (met.get(client) ?? process) !== process) return false
      met.set(client, process)
    }
    for (const client of [first, second]) await client.query('commit')
  }
  return true
}

/** Begins a transaction; `undefined` when there is no process for it. */
async function beginOn(client: pg.Client): Promise<number | undefined> {
  try {
    await client.query('begin')
  } catch (error) {
    if (error instanceof Error && error.message === 'Query read timeout') return undefined
    throw error
  }
  return processOf(client)
}

async function processOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  return rows[0]?.pid ?? 0
}
