import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'
import type pg from 'pg'
import type { Watch } from '../observed.ts'
import { DatabaseUnavailable } from '../unavailable.ts'
import { isMisplaced, isOutdated, isRefusal } from './errors.ts'
import type { StatementNames } from './statement-names.ts'

/** How long a statement may take before it is given up, and the connection with it. */
export const queryTimeoutMs = 10_000

/** What pg takes and its types do not know; after so many milliseconds it throws, and 0 is for ever. */
export interface TimedQuery extends pg.QueryConfig {
  query_timeout: number
}

/** What the connections of a driver have in common. */
export interface ConnectionParts {
  watch: Watch
  names: StatementNames
  /**
   * What a transaction is begun with where each one may meet another process of PostgreSQL, whose settings are not ours;
   * `undefined` where settings and prepared statements stay with the connection.
   */
  preamble(): string | undefined
  /** Is called when a prepared statement was not where it should be. */
  onMisplaced(): void
}

/** A connection while it is lent out. */
export class PostgresConnection implements DatabaseConnection {
  readonly #client: pg.PoolClient
  readonly #parts: ConnectionParts
  #broken: DatabaseUnavailable | undefined
  #queryTimeoutMs = queryTimeoutMs
  #isInTransaction = false

  constructor(client: pg.PoolClient, parts: ConnectionParts) {
    this.#client = client
    this.#parts = parts
    client.on('error', this.#onError)
  }

  readonly #onError = (error: Error) => {
    this.#broken ??= new DatabaseUnavailable(error)
  }

  /** Begins a transaction, in which the connection stays until it is released. */
  async begin() {
    await this.#ask(() => this.#send(this.#parts.preamble() ?? 'begin'))
    this.#isInTransaction = true
  }

  /** Throws when the transaction had failed before, and nothing was kept. */
  async commit() {
    const { command } = await this.#run('commit')
    if (command !== 'COMMIT') throw new Error(`a transaction that had failed was ended by ${command}`)
  }

  async rollback() {
    await this.#run('rollback')
  }

  executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    return this.#parts.watch(sql, async () => {
      const { rows, rowCount } = await this.#run(sql, parameters)
      return { rows, numAffectedRows: BigInt(rowCount ?? 0) }
    })
  }

  /** Gives the connection back to the pool, or throws it away when it has failed. */
  release() {
    this.#client.off('error', this.#onError)
    this.#client.release(this.#broken)
  }

  // biome-ignore lint/correctness/useYield: it never yields, it only refuses
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('streaming is not supported')
  }

  /** Throws `DatabaseUnavailable`, and then for every further statement too: the connection is not used again. */
  async #run(sql: string, parameters: readonly unknown[] = []): Promise<pg.QueryResult> {
    // Migrations alone take this lock: they, and who waits for them, may take as long as they need.
    if (this.#queryTimeoutMs > 0 && sql.includes('advisory_xact_lock')) {
      this.#queryTimeoutMs = 0
      await this.#run('set local statement_timeout = 0')
    }
    return this.#ask(() => {
      const preamble = this.#parts.preamble()
      if (preamble === undefined) return this.#send(sql, parameters, this.#parts.names.of(sql))
      return this.#isInTransaction ? this.#send(sql, parameters) : this.#sendWithin(preamble, sql, parameters)
    })
  }

  /** Asks once more what was surely not run, where nothing went before it that is lost. */
  async #ask(send: () => Promise<pg.QueryResult>): Promise<pg.QueryResult> {
    for (let attempt = 1; ; attempt++) {
      if (this.#broken) throw this.#broken
      try {
        return await send()
      } catch (error) {
        const wasNotRun = this.#isMended(error)
        if (wasNotRun && !this.#isInTransaction && attempt === 1) continue
        if (!wasNotRun && isRefusal(error)) throw error
        this.#broken = new DatabaseUnavailable(error)
        throw this.#broken
      }
    }
  }

  /** Whether it was a prepared statement that is not what it was, which is then prepared anew or not at all. */
  #isMended(error: unknown): boolean {
    if (isOutdated(error)) this.#parts.names.renew()
    else if (isMisplaced(error)) this.#parts.onMisplaced()
    else return false
    return true
  }

  #send(text: string, parameters: readonly unknown[] = [], name?: string): Promise<pg.QueryResult> {
    const statement: TimedQuery = { name, text, values: [...parameters], query_timeout: this.#queryTimeoutMs }
    return this.#client.query(statement)
  }

  /**
   * Sends a statement in a transaction of its own, and waits for all three answers at once. A connection from before the
   * pooler was noticed cannot do so: what it has to repeat goes without our settings, and then it is let go.
   */
  async #sendWithin(preamble: string, sql: string, parameters: readonly unknown[]): Promise<pg.QueryResult> {
    if (!this.#client.pipeline) return this.#send(sql, parameters)
    const [begun, result, ended] = await Promise.allSettled([
      this.#send(preamble),
      this.#send(sql, parameters),
      this.#send('commit'),
    ])
    if (begun.status === 'rejected') throw begun.reason
    if (result.status === 'rejected') throw result.reason
    if (ended.status === 'rejected') throw ended.reason
    return result.value
  }
}
