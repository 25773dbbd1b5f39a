/** What PostgreSQL calls it when a row would break a unique index. */
const uniqueViolation = '23505'
/** Any constraint, as SQLite numbers its errors. */
const constraint = 19

/**
 * Writes what has to be unique; `undefined` where another row has it. On PostgreSQL nothing more can be done in that
 * transaction then but to give it up.
 */
export async function unlessTaken<T>(write: () => Promise<T>): Promise<T | undefined> {
  try {
    return await write()
  } catch (error) {
    const { code, errcode = 0 } = error as { code?: string; errcode?: number }
    if (code === uniqueViolation || (errcode & 0xff) === constraint) return undefined
    throw error
  }
}
