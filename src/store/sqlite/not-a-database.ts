/** The file is there and can be read, and is none of SQLite's. */
export class NotADatabase extends Error {
  constructor(path: string, cause: unknown) {
    super(`${path} is not an SQLite database: DATABASE_URL names another file, or this one is damaged.`, {
      cause,
    })
    this.name = 'NotADatabase'
  }
}
