import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Config } from '../../config/config.ts'
import { withoutPassword } from '../../lib/postgres-url.ts'
import { keyFileOf } from '../../server/master-key-file.ts'
import type { DatabaseFile } from '../../store/sqlite/copy.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import type { Outside } from '../outside.ts'
import { printResult } from '../terminal/print.ts'
import { readConfigFor } from '../with-core.ts'
import { refuseMissing } from './missing.ts'
import { ownFileAt } from './own-files.ts'
import { copyChecked } from './sqlite-copies.ts'
import { putInPlace, removeDatabase } from './sqlite-files.ts'

/** `backup FILE`: copies the database of SQLite while servers read and write it. */
export function defineCommand(backup: CliCommand): void {
  backup
    .argument('[file]', 'where the copy goes')
    .option('--force', 'replace the file when it exists')
    .action((file: string | undefined, options: { force?: boolean }, command: CliCommand) =>
      writeBackup(file, options, command),
    )
}

async function writeBackup(
  given: string | undefined,
  { force }: { force?: boolean },
  command: CliCommand,
): Promise<void> {
  const config = readConfigFor(command)
  const { database } = config
  if (database.engine === 'postgres')
    throw new CommandError(
      insteadOnPostgres(database.url, given === undefined ? defaultDump : resolve(given)),
    )
  if (given === undefined)
    throw new CommandError('name the file that the copy goes to: manydoors backup FILE')
  const file = resolve(given)
  refuseMissing(database)
  const own = await ownFileAt(file, config)
  if (own !== undefined) throw new CommandError(`${file} is ${own}`)
  if (existsSync(file) && !force) throw new CommandError(`${file} exists: --force replaces it`)

  const { accounts } = await copyInPlace(database.path, file, command.outside)
  const { size: bytes } = await stat(file)
  const masterKey = whereMasterKeyIs(config)
  printResult(command, { file, bytes, accounts, masterKey }, [
    `${file} holds the database with ${accounts} accounts (${bytes} bytes); it was checked and is whole.`,
    `The master key is not in it, and without it the copy is of no use: keep a copy of ${masterKey} elsewhere.`,
  ])
}

/** Writes the copy beside its place, and puts it there once it is whole. */
async function copyInPlace(from: string, to: string, { pid, stderr }: Outside): Promise<DatabaseFile> {
  const partial = `${to}.partial-${pid}`
  try {
    const inspected = await copyChecked({ from, to: partial }, stderr)
    await putInPlace(partial, to)
    return inspected
  } finally {
    await removeDatabase(partial)
  }
}

function whereMasterKeyIs(config: Config): string {
  return config.masterKey
    ? 'what MANYDOORS_SECRET, or `secret` of the settings file, says'
    : keyFileOf(config)
}

/** Where a dump goes when no file is named. */
const defaultDump = 'manydoors.dump'

function insteadOnPostgres(url: string, file: string): string {
  return (
    'backup is for SQLite, and the database is PostgreSQL, which has its own tools. For example:\n' +
    `  pg_dump --format=custom --no-owner --file='${file}' '${withoutPassword(url)}'`
  )
}
