/** SQLITE_CONSTRAINT_UNIQUE. */
const sqliteUnique = 2067
/** unique_violation */
const postgresUnique = '23505'

/** Whether a statement failed as another row holds what only one may have. */
export function isUniqueViolation(error: unknown): boolean {
  const { errcode, code } = (error ?? {}) as { errcode?: unknown; code?: unknown }
  return errcode === sqliteUnique || code === postgresUnique
}
