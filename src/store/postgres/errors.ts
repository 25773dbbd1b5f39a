import pg from 'pg'

/**
 * PostgreSQL's error codes, or their classes, that say "not now": connection, feature that a standby lacks, who may come
 * in, transaction broken off, resources, operator intervention, system; a server that only reads, one that ended an idle
 * transaction, a statement that a pooler has not kept, no such database, lock.
 */
const unavailable = /^(08|0A000|28|3D000|40|53|57|58|25006|25P03|25P04|26000|42P05|55P03)/

/** Errors that end the connection, whatever their code: poolers have codes of their own. */
const endings = ['FATAL', 'PANIC']

/** Whether PostgreSQL has found fault with the statement, and not with itself, the connection or the moment. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return false
  return !unavailable.test(error.code ?? '') && !endings.includes(error.severity ?? '')
}

/** Whether a statement gives other columns since it was prepared: a newer release has migrated the tables. */
export function isOutdated(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '0A000' && error.message.includes('cached plan')
}

/**
 * Whether a prepared statement is not where it was prepared, or is where it was not: a pooler hands out another
 * connection with each transaction. The statement was surely not run.
 */
export function isMisplaced(error: unknown): boolean {
  return error instanceof pg.DatabaseError && ['26000', '42P05'].includes(error.code ?? '')
}
