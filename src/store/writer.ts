import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { QueryResult } from 'kysely'
import type { Parameters } from './sqlite-file.ts'
import { DatabaseUnavailable } from './unavailable.ts'
import { receiveError, type WriterAnswer, type WriterReady, type WriterRequest } from './writer-messages.ts'

/** Runs statements on the one connection that writes. A promise resolves when the write is on the disk. */
export interface Writer {
  /** One statement in a transaction of its own. */
  run(sql: string, parameters: Parameters): Promise<QueryResult<unknown>>
  /** Its first statement waits for its turn; from then on it has the writer alone, until `commit` or `rollback`. */
  begin(): WriterTransaction
  close(): Promise<void>
}

export interface WriterTransaction {
  run(sql: string, parameters: Parameters): Promise<QueryResult<unknown>>
  /** A statement whose result nobody reads: it waits for nothing, and should it fail, so does all that follows it. */
  runUnread(sql: string, parameters: Parameters): void
  commit(): Promise<void>
  rollback(): Promise<void>
}

type Unnumbered<R> = R extends unknown ? Omit<R, 'number'> : never

interface Waiting {
  resolve(result: QueryResult<unknown>): void
  reject(error: Error): void
}

const nothing: QueryResult<unknown> = { rows: [] }

/**
 * Writes on a thread of its own, where what waits is committed together. Throws what opening the file throws. Should
 * the thread fail, so does the process: nothing that it had not acknowledged is known to be kept.
 */
export async function openWriter(path: string): Promise<Writer> {
  const thread = new Worker(new URL('./writer-thread.ts', import.meta.url), { workerData: { path } })
  const waiting = new Map<number, Waiting>()
  let unsent: WriterRequest[] = []
  let last = 0
  let isClosed = false

  const send = () => {
    thread.postMessage(unsent)
    unsent = []
  }
  const post = (request: Unnumbered<WriterRequest>): number => {
    if (isClosed) throw new DatabaseUnavailable(new Error('the database is closed'))
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
  const take = (answers: WriterAnswer[]) => {
    for (const answer of answers) {
      const asked = waiting.get(answer.number)
      waiting.delete(answer.number)
      if ('error' in answer) asked?.reject(receiveError(answer.error))
      else asked?.resolve(answer.result ?? nothing)
    }
  }

  await new Promise<void>((ready, failed) => {
    thread.once('message', ({ error }: WriterReady) => {
      if (error) return failed(receiveError(error))
      thread.on('message', take)
      ready()
    })
  })

  return {
    run: (sql, parameters) => ask({ what: 'run', sql, parameters }),
    begin: () => {
      const of = post({ what: 'begin' })
      return {
        run: (sql, parameters) => ask({ what: 'statement', of, sql, parameters }),
        runUnread: (sql, parameters) => void post({ what: 'unread', of, sql, parameters }),
        commit: async () => void (await ask({ what: 'commit', of })),
        rollback: async () => void (await ask({ what: 'rollback', of })),
      }
    },
    close: async () => {
      const end = Promise.all([ask({ what: 'close' }), once(thread, 'exit')])
      isClosed = true
      await end
    },
  }
}
