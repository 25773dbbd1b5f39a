import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { QueryResult } from 'kysely'
import { DatabaseUnavailable } from '../unavailable.ts'
import type { BindValues } from './file.ts'
import { receiveError, type WriterAnswer, type WriterReady, type WriterRequest } from './writer-messages.ts'

/** Runs statements on the one connection that writes. A promise resolves when the write is on the disk. */
export interface Writer {
  /** One statement in a transaction of its own. */
  run(sql: string, parameters: BindValues): Promise<QueryResult<unknown>>
  /** Its first statement waits for its turn; from then on it has the writer alone, until `commit` or `rollback`. */
  begin(): WriterTransaction
  /** Refuses what comes, and closes the file when what has begun has ended; what takes too long is rolled back. */
  close(): Promise<void>
}

export interface WriterTransaction {
  run(sql: string, parameters: BindValues): Promise<QueryResult<unknown>>
  /** A statement whose result nobody reads: it waits for nothing, and should it fail, so does all that follows it. */
  runUnread(sql: string, parameters: BindValues): void
  commit(): Promise<void>
  rollback(): Promise<void>
}

type Unnumbered<R> = R extends unknown ? Omit<R, 'number'> : never

interface Waiting {
  resolve(result: QueryResult<unknown>): void
  reject(error: Error): void
}

const nothing: QueryResult<unknown> = { rows: [] }

/** More is not taken: a disk that hangs would have requests wait until there is no memory left for them. */
const maxWaiting = 10_000

/** How long closing waits for transactions to end. */
const drainTimeoutMs = 10_000

/**
 * Writes on a thread of its own, where what waits is committed together. Throws what opening the file throws; what it
 * gives throws `DatabaseUnavailable`. Should the thread fail, so does the process: nothing that it had not acknowledged
 * is known to be kept.
 */
export async function openWriter(path: string): Promise<Writer> {
  const waiting = new Map<number, Waiting>()
  const thread = await openThread(path, (answers) => settle(waiting, answers))
  /** Transactions that have not been ended, by the numbers that they began with. */
  const begun = new Set<number>()
  const drained = Promise.withResolvers<void>()
  let unsent: WriterRequest[] = []
  let last = 0
  let isClosed = false

  const send = () => {
    thread.postMessage(unsent)
    unsent = []
  }
  /** Why it is not taken. */
  const refusalOf = (request: Unnumbered<WriterRequest>): string | undefined => {
    if ('of' in request) return begun.has(request.of) ? undefined : 'the database is closed'
    if (request.what === 'close') return undefined
    if (isClosed) return 'the database is closed'
    return waiting.size < maxWaiting ? undefined : 'too many writes wait'
  }
  const post = (request: Unnumbered<WriterRequest>): number => {
    const refusal = refusalOf(request)
    if (refusal !== undefined) throw new DatabaseUnavailable(new Error(refusal))
    // What is asked for in one turn of the loop goes as one message.
    if (unsent.length === 0) setImmediate(send)
    const number = ++last
    unsent.push({ ...request, number })
    return number
  }
  const ask = (request: Unnumbered<WriterRequest>) =>
    new Promise<QueryResult<unknown>>((resolve, reject) => {
      waiting.set(post(request), { resolve, reject })
    })
  const end = async (of: number, what: 'commit' | 'rollback') => {
    const ended = ask({ what, of })
    begun.delete(of)
    if (isClosed && begun.size === 0) drained.resolve()
    await ended
  }

  return {
    run: (sql, parameters) => ask({ what: 'run', sql, parameters }),
    begin: () => {
      const of = post({ what: 'begin' })
      begun.add(of)
      return {
        run: (sql, parameters) => ask({ what: 'statement', of, sql, parameters }),
        runUnread: (sql, parameters) => void post({ what: 'unread', of, sql, parameters }),
        commit: () => end(of, 'commit'),
        rollback: () => end(of, 'rollback'),
      }
    },
    close: async () => {
      isClosed = true
      if (begun.size > 0)
        await Promise.race([drained.promise, pause(drainTimeoutMs, undefined, { ref: false })])
      for (const of of begun) post({ what: 'rollback', of })
      begun.clear()
      await Promise.all([ask({ what: 'close' }), once(thread, 'exit')])
    },
  }
}

/** Starts the thread, and throws what opening the file throws. */
async function openThread(path: string, take: (answers: WriterAnswer[]) => void): Promise<Worker> {
  const thread = new Worker(new URL('./writer-thread.ts', import.meta.url), { workerData: { path } })
  await new Promise<void>((ready, failed) => {
    // Others speak on this way, too: with `--watch` Node says which files a thread has loaded.
    thread.on('message', (message: WriterReady | WriterAnswer[] | object) => {
      if (Array.isArray(message)) return take(message)
      if (!('ready' in message)) return undefined
      return message.error ? failed(receiveError(message.error)) : ready()
    })
  })
  return thread
}

function settle(waiting: Map<number, Waiting>, answers: WriterAnswer[]): void {
  for (const answer of answers) {
    const asked = waiting.get(answer.number)
    waiting.delete(answer.number)
    if ('error' in answer) asked?.reject(receiveError(answer.error))
    else asked?.resolve(answer.result ?? nothing)
  }
}
