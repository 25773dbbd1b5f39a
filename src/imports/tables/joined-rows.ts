import { DatabaseSync } from 'node:sqlite'

/** Rows by what they are joined by. They wait in a private file that is gone with the process, so memory stays flat. */
export interface JoinedRows {
  add(table: string, key: string, row: string): void
  /** In the order in which they were added. */
  all(table: string, key: string): string[]
  close(): void
}

/** Rows that are to be joined; empty at first. There is no file before the first one. */
export function openJoinedRows(): JoinedRows {
  let file: ReturnType<typeof openFile> | undefined
  return {
    add: (table, key, row) => {
      file ??= openFile()
      file.insert.run(nameOf(table, key), row)
    },
    all: (table, key) => file?.select.all(nameOf(table, key)).map(({ row }) => String(row)) ?? [],
    close: () => file?.db.close(),
  }
}

function openFile() {
  // An empty name makes a temporary file that SQLite deletes.
  const db = new DatabaseSync('')
  db.exec(`pragma journal_mode = off; pragma synchronous = off;
    create table joined (place integer primary key, name text not null, row text not null);
    create index joined_name on joined (name);
    begin`)
  return {
    db,
    insert: db.prepare('insert into joined (name, row) values (?, ?)'),
    select: db.prepare('select row from joined where name = ? order by place'),
  }
}

function nameOf(table: string, key: string): string {
  return JSON.stringify([table, key])
}
