import type { Compilable, CompiledQuery, QueryResult } from 'kysely'
import type { RunQuery } from './sqlite/driver.ts'
import type { Database } from './types.ts'

/** Stands in a query for a value that each run of it gives anew. */
class Placeholder {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/** By the executors of their databases: that of a transaction is another one, and has none. */
const directRuns = new WeakMap<object, RunQuery>()

/** Has this database's built queries run by `run` where they belong to no transaction, and not on Kysely's longer way. */
export function runDirectly(db: Database, run: RunQuery): void {
  directRuns.set(db.getExecutor(), run)
}

/**
 * A query that is built once for a database, as building takes longer than most queries do, and then run with other
 * values. `build` gets in their place what only stands for them, so it must not look at them.
 */
export function compiled<Values extends object, Row>(
  build: (db: Database, values: Values) => Compilable<Row>,
): (db: Database, values: Values) => Promise<Row[]> {
  // A transaction has the compiler of its database, so it shares what was built for that.
  const built = new WeakMap<object, CompiledQuery<Row>>()
  const placeholders = new Proxy({}, { get: (_, name) => new Placeholder(String(name)) }) as Values

  return async (db, values) => {
    const executor = db.getExecutor()
    let query = built.get(executor.adapter)
    if (!query) {
      query = build(db, placeholders).compile()
      built.set(executor.adapter, query)
    }
    const parameters = query.parameters.map((parameter) =>
      parameter instanceof Placeholder ? values[parameter.name as keyof Values] : parameter,
    )
    const { sql, queryId } = query
    const run = directRuns.get(executor) ?? ((query: CompiledQuery<Row>) => db.executeQuery(query))
    const { rows }: QueryResult<Row> = await run({ sql, parameters, query: query.query, queryId })
    return rows
  }
}
