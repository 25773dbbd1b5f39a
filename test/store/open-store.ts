import { after, before } from 'node:test'
import { openDatabase } from '../../src/store/database.ts'
import { realmStore, type Store } from '../../src/store/store.ts'
import { createData, type Engine } from '../harness/harness.ts'

/** Opens a store of the realm `main`, on an empty database, for the tests of a suite, which read it as `store`. */
export function openStore(engine: Engine): { store: Store } {
  const opened = {} as { store: Store }
  const closing: (() => Promise<void>)[] = []

  before(async () => {
    const { env, drop } = await createData(engine)
    const url = env.DATABASE_URL
    const location =
      engine === 'sqlite' ? { engine, path: url.replace('sqlite:', '') } : ({ engine, url } as const)
    const db = await openDatabase(location, 0)
    closing.push(() => db.destroy(), drop)
    opened.store = realmStore(db, 'main')
  })
  after(async () => {
    for (const close of closing) await close()
  })
  return opened
}
