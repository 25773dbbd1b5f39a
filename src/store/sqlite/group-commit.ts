import { Batch } from './batch.ts'
import { defaultBusyTimeoutMs, type SqliteFile } from './file.ts'
import { OpenTransaction } from './open-transaction.ts'
import { Outbox } from './outbox.ts'
import type { TransactionRequest, WriterAnswer, WriterRequest } from './writer-messages.ts'

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
type RunRequest = Extract<Unit, { what: 'run' }>

/** How long what runs alone waits for locks: nobody can write meanwhile, here or elsewhere. */
const aloneBusyTimeoutMs = 20

/** Such as the order to empty the write-ahead log. */
function isForNoTransaction(sql: string): boolean {
  return /^\s*(pragma|vacuum)\b/i.test(sql)
}

/**
 * Commits together what arrives while the last commit is being flushed. A unit is one statement, which SQLite keeps
 * whole or not at all, or a transaction under a savepoint of its own, so none harms another. It is answered when it
 * is on the disk; within a transaction, each statement when it has run.
 *
 *              BEGIN IMMEDIATE         SAVEPOINT
 *     ┌──────┐ ──────────────► ┌───────┐ ─────────► ┌─────────────┐
 *     │ idle │                 │ batch │            │ transaction │
 *     └──────┘ ◄────────────── └───────┘ ◄───────── └─────────────┘
 *        │         COMMIT        │   ▲     RELEASE     │   ▲
 *      close                     └───┘                 └───┘
 *                         statement by itself     its statements
 *
 * A batch is committed when nothing waits, or when it is old; never while a transaction is open, for which all others
 * wait. docs/architecture.md says what is done and answered in each state.
 */
export class GroupCommit {
  readonly #file: SqliteFile
  readonly #wire: Wire
  readonly #outbox: Outbox
  readonly #batch: Batch
  #transaction: OpenTransaction | undefined
  /** Units whose turn has not come. */
  readonly #waiting: Unit[] = []
  /** Requests of transactions whose turn has not come, by the numbers of these. */
  readonly #early = new Map<number, TransactionRequest[]>()
  /** Transactions that could not begin and have not been ended, by their numbers, with the reason. */
  readonly #refused = new Map<number, unknown>()

  constructor(file: SqliteFile, wire: Wire) {
    this.#file = file
    this.#wire = wire
    this.#outbox = new Outbox((answers) => wire.send(answers))
    this.#batch = new Batch(file, this.#outbox)
  }

  /** Takes these requests and all that have arrived when they are done. */
  take(requests: WriterRequest[]): void {
    this.#arrive(requests)
    this.#receive()
    for (let unit = this.#nextUnit(); unit; unit = this.#nextUnit()) {
      this.#begin(unit)
      this.#receive()
      if (!this.#transaction && this.#batch.isOld()) this.#batch.flush()
    }
    if (!this.#transaction) this.#batch.flush()
  }

  #receive(): void {
    for (let requests = this.#wire.receive(); requests; requests = this.#wire.receive())
      this.#arrive(requests)
    this.#outbox.send()
  }

  #arrive(requests: WriterRequest[]): void {
    for (const request of requests) {
      if (!('of' in request)) this.#waiting.push(request)
      else if (request.of === this.#transaction?.number) this.#proceed(this.#transaction, request)
      else if (this.#refused.has(request.of)) this.#refuse(request)
      else this.#early.set(request.of, [...(this.#early.get(request.of) ?? []), request])
    }
    this.#outbox.send()
  }

  #nextUnit(): Unit | undefined {
    return this.#transaction ? undefined : this.#waiting.shift()
  }

  #begin(unit: Unit) {
    if (unit.what === 'close') return this.#close(unit.number)
    if (unit.what === 'run' && isForNoTransaction(unit.sql)) return this.#runAlone(unit)
    try {
      this.#batch.begin()
    } catch (error) {
      return this.#refuseAll(unit, error)
    }
    if (unit.what === 'begin') this.#beginTransaction(unit.number)
    else this.#run(unit)
  }

  #run({ number, sql, parameters }: RunRequest): void {
    try {
      this.#batch.answerWhenFlushed({ number, result: this.#file.run(sql, parameters) })
    } catch (error) {
      this.#outbox.addError(number, error)
      this.#batch.refuseIfLost(error)
    }
  }

  #runAlone({ number, sql, parameters }: RunRequest): void {
    this.#batch.flush()
    this.#file.setBusyTimeout(aloneBusyTimeoutMs)
    try {
      this.#outbox.add({ number, result: this.#file.run(sql, parameters) })
    } catch (error) {
      this.#outbox.addError(number, error)
    }
    this.#file.setBusyTimeout(defaultBusyTimeoutMs)
  }

  #beginTransaction(number: number): void {
    const parts = { file: this.#file, batch: this.#batch, outbox: this.#outbox }
    const transaction = new OpenTransaction(number, parts)
    this.#transaction = transaction
    for (const request of this.#takeEarly(number)) this.#proceed(transaction, request)
  }

  #proceed(transaction: OpenTransaction, request: TransactionRequest) {
    if ('sql' in request) return transaction.run(request)
    transaction.end(request)
    this.#transaction = undefined
  }

  #takeEarly(number: number): TransactionRequest[] {
    const requests = this.#early.get(number) ?? []
    this.#early.delete(number)
    return requests
  }

  /**
   * No batch can be begun for the first, which took as long as a lock of somebody else's is waited for: whoever waits
   * by now is refused too, or they would wait as long one after the other.
   */
  #refuseAll(first: Unit, error: unknown): void {
    this.#receive()
    for (const unit of [first, ...this.#waiting.splice(0)]) {
      if (unit.what === 'close') this.#waiting.push(unit)
      else if (unit.what === 'run') this.#outbox.addError(unit.number, error)
      else this.#refuseTransaction(unit.number, error)
    }
    this.#outbox.send()
  }

  #refuseTransaction(number: number, error: unknown): void {
    this.#refused.set(number, error)
    for (const request of this.#takeEarly(number)) this.#refuse(request)
  }

  /** A request of a transaction that could not begin. */
  #refuse({ number, of, what }: TransactionRequest): void {
    if (what === 'rollback') this.#outbox.add({ number })
    else if (what !== 'unread') this.#outbox.addError(number, this.#refused.get(of))
    if (what === 'rollback' || what === 'commit') this.#refused.delete(of)
  }

  #close(number: number): void {
    this.#batch.flush()
    this.#file.close()
    this.#outbox.add({ number })
    this.#outbox.send()
    this.#wire.end()
  }
}
