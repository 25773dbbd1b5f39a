import type { Compilable, CompiledQuery } from 'kysely'
import { engineOf } from './engine-of.ts'
import { ConcurrentSqliteAdapter } from './sqlite/driver.ts'
import type { Database, Engine } from './types.ts'

/** Stands in a query for a value that each run of it gives anew. */
class Placeholder {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/**
 * A query that is built once for an engine, as building takes longer than most queries do, and then run with other
 * values. `build` gets in their place what only stands for them, so it must not look at them. Each run gives the same
 * values by name: none is optional.
 */
export function compiled<Values extends object, Row>(
  build: (db: Database, values: Values) => Compilable<Row>,
): (db: Database, values: Values) => Promise<Row[]> {
  const built: { [engine in Engine]?: CompiledQuery<Row> } = {}

  return async (db, values) => {
    const engine = engineOf(db)
    built[engine] ??= build(db, placeholdersFor(values)).compile()
    const parameters = built[engine].parameters.map((parameter) =>
      parameter instanceof Placeholder ? values[parameter.name as keyof Values] : parameter,
    )
    const query: CompiledQuery<Row> = { ...built[engine], parameters }
    const { adapter } = db.getExecutor()
    const isDirect = adapter instanceof ConcurrentSqliteAdapter && !db.isTransaction
    const { rows } = await (isDirect ? adapter.runDirectly(query) : db.executeQuery(query))
    return rows
  }
}

function placeholdersFor<Values extends object>(values: Values): Values {
  return Object.fromEntries(Object.keys(values).map((name) => [name, new Placeholder(name)])) as Values
}
