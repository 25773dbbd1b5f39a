import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'

/** One statement to be run and kept. */
export interface FloorWrite {
  number: number
  sql: string
  values: SQLInputValue[]
}

// The least that group commit can be: everything that waits, in one transaction, with no failure thought of.
const database = new DatabaseSync(workerData.path)
database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -65536')
const prepared = new Map<string, ReturnType<DatabaseSync['prepare']>>()
const begin = database.prepare('begin immediate')
const commit = database.prepare('commit')

parentPort?.on('message', (first: FloorWrite[]) => {
  if (!parentPort) return
  const answers: { number: number; row: unknown }[] = []
  begin.run()
  for (
    let writes: FloorWrite[] | undefined = first;
    writes;
    writes = receiveMessageOnPort(parentPort)?.message
  ) {
    for (const { number, sql, values } of writes) {
      const statement = prepared.get(sql) ?? database.prepare(sql)
      prepared.set(sql, statement)
      answers.push({ number, row: statement.get(...values) })
      if (workerData.isAlone) {
        commit.run()
        begin.run()
      }
    }
  }
  commit.run()
  parentPort.postMessage(answers)
})
