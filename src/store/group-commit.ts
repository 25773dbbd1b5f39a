import { type SqliteFile, usualPatience } from './sqlite-file.ts'
import { DatabaseUnavailable } from './unavailable.ts'
import {
  sendError,
  type TransactionRequest,
  type WriterAnswer,
  type WriterRequest,
} from './writer-messages.ts'

/** Where requests come from, and answers go. */
export interface Wire {
  /** What has arrived meanwhile, without waiting. */
  receive(): WriterRequest[] | undefined
  send(answers: WriterAnswer[]): void
  /** Nothing more is taken. */
  end(): void
}

/** What has a turn: a statement by itself, a transaction, the end. */
type Unit = Exclude<WriterRequest, TransactionRequest>

type StatementRequest = Extract<TransactionRequest, { sql: string }>

/** In milliseconds: a batch is filled this long at least, if there is more to come, and as long as flushing takes. */
const shortestBatch = 2

/** In milliseconds: how long what runs alone waits for locks, as nobody can write meanwhile, here or elsewhere. */
const patienceAlone = 20

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
  const waiting: Unit[] = []
  /** Requests of transactions whose turn has not come, by the numbers of these. */
  const early = new Map<number, TransactionRequest[]>()
  /** Transactions that could not begin and have not been ended, by their numbers, with the reason. */
  const refused = new Map<number, unknown>()
  /** Answers that need not wait for the disk. */
  let ready: WriterAnswer[] = []
  /** Answers of the open batch. */
  let unflushed: WriterAnswer[] = []
  /** In milliseconds. */
  let flushTime = 0
  let batchEnds = 0
  /** The transaction whose turn it is, whether its savepoint stands, and what keeps it from going on. */
  let transaction: { number: number; isOpen: boolean; failedBy?: unknown } | undefined

  const answerNow = (answer: WriterAnswer) => void ready.push(answer)
  const fail = (number: number, error: unknown): WriterAnswer => ({ number, error: sendError(error) })

  const sendReady = () => {
    const answers = ready
    ready = []
    if (answers.length > 0) send(answers)
  }

  const arrive = (requests: WriterRequest[] | undefined) => {
    for (const request of requests ?? []) {
      if (!('of' in request)) waiting.push(request)
      else if (request.of === transaction?.number) goOn(request)
      else if (refused.has(request.of)) refuse(request)
      else early.set(request.of, [...(early.get(request.of) ?? []), request])
    }
    sendReady()
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

  const beginUnit = (unit: Unit) => {
    if (unit.what === 'close') return close(unit.number)
    if (unit.what === 'run' && isForNoTransaction(unit.sql)) return runAlone(unit)
    try {
      if (!file.isInTransaction()) beginBatch()
    } catch (error) {
      return refuseAll(unit, error)
    }
    if (unit.what === 'begin') beginTransaction(unit.number)
    else runStatement(unit)
  }

  const runStatement = ({ number, sql, parameters }: Extract<Unit, { what: 'run' }>) => {
    try {
      unflushed.push({ number, result: file.run(sql, parameters) })
    } catch (error) {
      answerNow(fail(number, error))
      failIfLost(error)
    }
  }

  const beginTransaction = (number: number) => {
    transaction = { number, isOpen: false }
    try {
      file.run('SAVEPOINT unit')
      transaction.isOpen = true
    } catch (error) {
      transaction.failedBy = error
      failIfLost(error)
    }
    for (const request of takeEarly(number)) goOn(request)
  }

  const takeEarly = (number: number) => {
    const requests = early.get(number) ?? []
    early.delete(number)
    return requests
  }

  const runAlone = ({ number, sql, parameters }: Extract<Unit, { what: 'run' }>) => {
    flush()
    file.setPatience(patienceAlone)
    try {
      answerNow({ number, result: file.run(sql, parameters) })
    } catch (error) {
      answerNow(fail(number, error))
    }
    file.setPatience(usualPatience)
  }

  const beginBatch = () => {
    file.run('BEGIN IMMEDIATE')
    batchEnds = performance.now() + Math.max(shortestBatch, flushTime)
  }

  /**
   * No batch can be begun for the first, which took as long as a lock of somebody else's is waited for: whoever waits
   * by now is refused too, or they would wait as long one after the other.
   */
  const refuseAll = (first: Unit, error: unknown) => {
    while (arrive(receive())) {}
    for (const unit of [first, ...waiting.splice(0)]) {
      if (unit.what === 'close') waiting.push(unit)
      else if (unit.what === 'run') answerNow(fail(unit.number, error))
      else refuseTransaction(unit.number, error)
    }
    sendReady()
  }

  const refuseTransaction = (number: number, error: unknown) => {
    refused.set(number, error)
    for (const request of takeEarly(number)) refuse(request)
  }

  /** A request of a transaction that could not begin. */
  const refuse = ({ number, of, what }: TransactionRequest) => {
    if (what === 'rollback') answerNow({ number })
    else if (what !== 'unread') answerNow(fail(number, refused.get(of)))
    if (what === 'rollback' || what === 'commit') refused.delete(of)
  }

  /** A request of the transaction whose turn it is. */
  const goOn = (request: TransactionRequest) => {
    if (request.what === 'commit' || request.what === 'rollback') endTransaction(request)
    else runWithin(request)
  }

  /** Once a statement has failed, so does every later one, as on PostgreSQL. */
  const runWithin = ({ number, what, sql, parameters }: StatementRequest) => {
    if (!transaction) return
    try {
      if (transaction.failedBy !== undefined) throw transaction.failedBy
      const result = file.run(sql, parameters)
      if (what === 'statement') answerNow({ number, result })
    } catch (error) {
      transaction.failedBy = error
      if (what === 'statement') answerNow(fail(number, error))
      failIfLost(error)
    }
  }

  const endTransaction = ({ number, what }: TransactionRequest) => {
    const { isOpen, failedBy } = transaction ?? {}
    try {
      if (what === 'commit' && failedBy === undefined) {
        file.run('RELEASE unit')
        unflushed.push({ number })
      } else {
        if (isOpen) file.run('ROLLBACK TO unit')
        if (isOpen) file.run('RELEASE unit')
        answerNow(what === 'commit' ? fail(number, failedBy) : { number })
      }
    } catch (error) {
      answerNow(fail(number, error))
      failIfLost(error)
    }
    transaction = undefined
  }

  /** After some errors, such as a full disk, SQLite gives up everything that was not committed. */
  const failIfLost = (error: unknown) => {
    if (file.isInTransaction()) return
    const lost = unflushed
    unflushed = []
    const lostBy = error instanceof DatabaseUnavailable ? error : new DatabaseUnavailable(error)
    if (transaction) transaction = { ...transaction, isOpen: false, failedBy: lostBy }
    for (const { number } of lost) answerNow(fail(number, lostBy))
  }

  const flush = () => {
    sendReady()
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
    sendReady()
    end()
  }

  return take
}
