import type { SqliteFile } from './sqlite-file.ts'
import { DatabaseUnavailable } from './unavailable.ts'
import { sendError, type WriterAnswer, type WriterRequest } from './writer-messages.ts'

/** Where requests come from, and answers go. */
export interface Wire {
  /** What has arrived meanwhile, without waiting. */
  receive(): WriterRequest[] | undefined
  send(answers: WriterAnswer[]): void
  /** Nothing more is taken. */
  end(): void
}

/** In milliseconds: a batch is filled this long at least, if there is more to come, and as long as flushing takes. */
const shortestBatch = 2

/** Such as the order to empty the write-ahead log. */
function isForNoTransaction(sql: string): boolean {
  return /^\s*(pragma|vacuum)\b/i.test(sql)
}

/**
 * Commits together what arrives while the last commit is being flushed. A unit is one statement, which SQLite keeps
 * whole or not at all, or a transaction under a savepoint of its own, so none harms another. It is answered when it
 * is on the disk; within a transaction, each statement when it has run. Returns what takes requests.
 */
export function startGroupCommit(
  file: SqliteFile,
  { receive, send, end }: Wire,
): (requests: WriterRequest[]) => void {
  /** Units whose turn has not come. */
  const waiting: WriterRequest[] = []
  /** Answers of the open batch. */
  let unflushed: WriterAnswer[] = []
  /** In milliseconds. */
  let flushTime = 0
  let batchEnds = 0
  /** The transaction whose turn it is; `lost` when SQLite has ended it. */
  let transaction: 'open' | 'lost' | undefined

  const answerNow = (answer: WriterAnswer) => send([answer])
  const fail = (number: number, error: unknown): WriterAnswer => ({ number, error: sendError(error) })

  const arrive = (requests: WriterRequest[] | undefined) => {
    for (const request of requests ?? []) {
      const isOfTransaction = ['statement', 'commit', 'rollback'].includes(request.what)
      if (isOfTransaction) goOn(request)
      else waiting.push(request)
    }
    return requests !== undefined
  }

  const take = (requests: WriterRequest[]) => {
    arrive(requests)
    while (arrive(receive())) {}
    for (let unit = nextUnit(); unit; unit = nextUnit()) {
      beginUnit(unit)
      while (arrive(receive())) {}
      if (transaction === undefined && performance.now() > batchEnds) flush()
    }
    if (transaction === undefined) flush()
  }

  const nextUnit = () => (transaction === undefined ? waiting.shift() : undefined)

  const beginUnit = (request: WriterRequest) => {
    if (request.what === 'close') return close(request.number)
    if (request.what === 'run' && isForNoTransaction(request.sql)) return runAlone(request)
    try {
      if (!file.isInTransaction()) beginBatch()
      if (request.what === 'run') {
        const result = file.run(request.sql, request.parameters)
        unflushed.push({ number: request.number, result })
      } else {
        file.run('SAVEPOINT unit')
        transaction = 'open'
        answerNow({ number: request.number })
      }
    } catch (error) {
      answerNow(fail(request.number, error))
      failIfLost(error)
    }
  }

  const runAlone = ({ number, sql, parameters }: Extract<WriterRequest, { what: 'run' | 'statement' }>) => {
    flush()
    try {
      answerNow({ number, result: file.run(sql, parameters) })
    } catch (error) {
      answerNow(fail(number, error))
    }
  }

  const beginBatch = () => {
    file.run('BEGIN IMMEDIATE')
    batchEnds = performance.now() + Math.max(shortestBatch, flushTime)
  }

  const goOn = (request: WriterRequest) => {
    const { number, what } = request
    try {
      if (what === 'statement') {
        if (transaction !== 'open') throw new DatabaseUnavailable(new Error('the transaction was lost'))
        answerNow({ number, result: file.run(request.sql, request.parameters) })
        return
      }
      if (what === 'rollback' && transaction === 'open') file.run('ROLLBACK TO unit')
      if (transaction === 'open') file.run('RELEASE unit')
      else if (what === 'commit') throw new DatabaseUnavailable(new Error('the transaction was lost'))
      if (what === 'rollback') answerNow({ number })
      else unflushed.push({ number })
    } catch (error) {
      answerNow(fail(number, error))
      failIfLost(error)
    }
    if (what !== 'statement') transaction = undefined
  }

  /** After some errors, such as a full disk, SQLite gives up everything that was not committed. */
  const failIfLost = (error: unknown) => {
    if (file.isInTransaction()) return
    const lost = unflushed
    unflushed = []
    if (transaction) transaction = 'lost'
    if (lost.length > 0) send(lost.map(({ number }) => fail(number, new DatabaseUnavailable(error))))
  }

  const flush = () => {
    const answers = unflushed
    unflushed = []
    if (!file.isInTransaction()) return
    const began = performance.now()
    try {
      file.run('COMMIT')
      flushTime = performance.now() - began
      if (answers.length > 0) send(answers)
    } catch (error) {
      if (file.isInTransaction()) file.run('ROLLBACK')
      send(answers.map(({ number }) => fail(number, error)))
    }
  }

  const close = (number: number) => {
    flush()
    file.close()
    answerNow({ number })
    end()
  }

  return take
}
