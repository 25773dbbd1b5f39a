import { ConfigError } from '../config/config.ts'
import { AmbiguousAccount } from '../core/accounts/admin.ts'
import { AuthError, type ErrorCode } from '../core/errors.ts'
import { RunRefused } from '../core/imports/options.ts'
import { BlockRefused } from '../core/limits/blocks.ts'
import { UnreadableImport } from '../imports/format.ts'
import { reasonOf } from '../lib/reason.ts'
import { SchemaTooNew } from '../store/migrations/migrate.ts'
import { NotADatabase } from '../store/sqlite/not-a-database.ts'
import { DatabaseUnavailable } from '../store/unavailable.ts'

/** What an operator can mend, such as a wrong name; said in its message alone. */
export class CommandError extends Error {}

const saidWell = [
  ConfigError,
  CommandError,
  SchemaTooNew,
  NotADatabase,
  AmbiguousAccount,
  BlockRefused,
  RunRefused,
  UnreadableImport,
]

/** In one line what an operator can mend: a port, a folder, a database. The rest is our fault and keeps its stack. */
export function explainFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const isSaidWell = saidWell.some((kind) => error instanceof kind)
  if (isSaidWell) return error.message
  if (error instanceof DatabaseUnavailable) return `${error.message}: ${reasonOf(error.cause)}`
  if (error instanceof AuthError) return explainRefusal(error)
  const { code } = error as NodeJS.ErrnoException
  if (code === insufficientPrivilege)
    return `${error.message}: let the database belong to the user who connects (alter database … owner to …)`
  if (isDamage(error)) return `SQLite says: ${error.message}. Restore a backup (docs/backup.md).`
  if (code === 'EADDRINUSE') return `${error.message}: set PORT to another one.`
  return code !== undefined && !code.startsWith('ERR_') ? error.message : (error.stack ?? error.message)
}

/** SQLite's result code CORRUPT, which a file may meet in its middle. */
function isDamage(error: Error): boolean {
  return ((error as { errcode?: number }).errcode ?? 0) % 256 === 11
}

/** PostgreSQL's code for it. */
const insufficientPrivilege = '42501'

const refusals: Partial<Record<ErrorCode, string>> = {
  email_taken: 'another account has this e-mail address',
  username_taken: 'another account has this user name',
  phone_taken: 'another account has this phone number',
  overloaded: 'too many passwords wait to be hashed: try again',
}

/** A refusal of the core in words for an operator. */
function explainRefusal({ code, details }: AuthError): string {
  return details.issues?.[0]?.message ?? refusals[code] ?? code
}
