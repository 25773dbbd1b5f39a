import type { Batch } from './batch.ts'
import type { SqliteFile } from './file.ts'
import type { Outbox } from './outbox.ts'
import type { TransactionRequest } from './writer-messages.ts'

type StatementRequest = Extract<TransactionRequest, { sql: string }>
type EndRequest = Exclude<TransactionRequest, StatementRequest>

interface Parts {
  file: SqliteFile
  batch: Batch
  outbox: Outbox
}

/**
 * The transaction whose turn it is: a savepoint within the batch. Once a statement has failed, so does every later one
 * and the commit, as on PostgreSQL.
 */
export class OpenTransaction {
  /** The number of the request that began it. */
  readonly number: number
  readonly #parts: Parts
  #hasSavepoint = false
  #failedBy: unknown

  constructor(number: number, parts: Parts) {
    this.number = number
    this.#parts = parts
    try {
      parts.file.run('SAVEPOINT unit')
      this.#hasSavepoint = true
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Answers at once, unless nobody reads the result. */
  run({ number, what, sql, parameters }: StatementRequest): void {
    const { file, outbox } = this.#parts
    try {
      if (this.#failedBy !== undefined) throw this.#failedBy
      const result = file.run(sql, parameters)
      if (what === 'statement') outbox.add({ number, result })
    } catch (error) {
      if (what === 'statement') outbox.addError(number, error)
      this.#fail(error)
    }
  }

  /** Answers a commit when the batch is flushed; a rollback, and the commit of what has failed, at once. */
  end({ number, what }: EndRequest) {
    const { file, batch, outbox } = this.#parts
    const isCommit = what === 'commit'
    try {
      if (isCommit && this.#failedBy === undefined) {
        file.run('RELEASE unit')
        return batch.answerWhenFlushed({ number })
      }
      if (this.#hasSavepoint) file.run('ROLLBACK TO unit')
      if (this.#hasSavepoint) file.run('RELEASE unit')
      if (isCommit) outbox.addError(number, this.#failedBy)
      else outbox.add({ number })
    } catch (error) {
      outbox.addError(number, error)
      batch.refuseIfLost(error)
    }
  }

  #fail(error: unknown): void {
    const lost = this.#parts.batch.refuseIfLost(error)
    if (lost) this.#hasSavepoint = false
    this.#failedBy = lost ?? error
  }
}
