import { DatabaseSync } from 'node:sqlite'

/** Texts by keys, on disk while they are needed: memory stays the same however many there are. */
export interface ScratchIndex extends Disposable {
  add(key: string, value: string): void
  /** What was added first under the key. */
  first(key: string): string | undefined
  /** In the order in which they were added. */
  all(key: string): string[]
}

/** An empty index in a file without a name, which no other process can open and which is gone with this one. */
export function openScratchIndex(): ScratchIndex {
  const database = new DatabaseSync('')
  database.exec(`
    pragma journal_mode = off;
    pragma synchronous = off;
    pragma cache_size = -65536;
    create table entries (key text not null, place integer not null, value text not null, primary key (key, place)) without rowid;
    begin`)
  const insert = database.prepare('insert into entries (key, place, value) values (?, ?, ?)')
  const select = database.prepare('select value from entries where key = ? order by place')
  let place = 0
  const all = (key: string) => select.all(key).map(({ value }) => String(value))
  return {
    add: (key, value) => {
      insert.run(key, place++, value)
    },
    first: (key) => {
      const row = select.get(key)
      return row && String(row.value)
    },
    all,
    [Symbol.dispose]: () => database.close(),
  }
}
