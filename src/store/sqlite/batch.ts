import { DatabaseUnavailable } from '../unavailable.ts'
import type { SqliteFile } from './file.ts'
import type { Outbox } from './outbox.ts'
import type { WriterAnswer } from './writer-messages.ts'

/** A batch is filled for so long at least, if there is more to come, and for as long as the last flush took. */
const minBatchMs = 2

/** What is flushed to the disk together: one transaction of SQLite's, and the answers that wait for the flush. */
export class Batch {
  readonly #file: SqliteFile
  readonly #outbox: Outbox
  #unflushed: WriterAnswer[] = []
  #flushMs = 0
  #endsAt = 0

  constructor(file: SqliteFile, outbox: Outbox) {
    this.#file = file
    this.#outbox = outbox
  }

  /** Begins it, where it has not begun. Throws `DatabaseUnavailable` where somebody else has locked the file. */
  begin(): void {
    if (this.#file.isInTransaction()) return
    this.#file.run('BEGIN IMMEDIATE')
    this.#endsAt = performance.now() + Math.max(minBatchMs, this.#flushMs)
  }

  /** Whether it has been filled for long enough. */
  isOld(): boolean {
    return performance.now() > this.#endsAt
  }

  /** Answers once the batch is on the disk. */
  answerWhenFlushed(answer: WriterAnswer): void {
    this.#unflushed.push(answer)
  }

  /** Ends it, and answers whoever waits for that: with the error, where it could not be committed. */
  flush(): void {
    this.#outbox.send()
    const answers = this.#unflushed
    this.#unflushed = []
    if (!this.#file.isInTransaction()) return
    const startedAt = performance.now()
    try {
      this.#file.run('COMMIT')
      this.#flushMs = performance.now() - startedAt
      this.#outbox.add(...answers)
    } catch (error) {
      if (this.#file.isInTransaction()) this.#file.run('ROLLBACK')
      for (const { number } of answers) this.#outbox.addError(number, error)
    }
    this.#outbox.send()
  }

  /**
   * After some errors, such as a full disk, SQLite gives up everything that was not committed. Where this error is one
   * of them, refuses whoever waits for the flush and returns the reason.
   */
  refuseIfLost(error: unknown): DatabaseUnavailable | undefined {
    if (this.#file.isInTransaction()) return undefined
    const reason = error instanceof DatabaseUnavailable ? error : new DatabaseUnavailable(error)
    const lost = this.#unflushed
    this.#unflushed = []
    for (const { number } of lost) this.#outbox.addError(number, reason)
    return reason
  }
}
