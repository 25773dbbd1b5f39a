/**
 * The database cannot be asked now (gone, locked, full). Nothing of the statement that met it was kept, unless it was
 * PostgreSQL's answer alone that did not come in time.
 */
export class DatabaseUnavailable extends Error {
  constructor(cause: unknown) {
    super('the database is unavailable', { cause })
    this.name = 'DatabaseUnavailable'
  }
}
