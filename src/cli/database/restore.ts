import { existsSync } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Config } from '../../config/config.ts'
import { withoutPassword } from '../../lib/postgres-url.ts'
import { readMasterKeys } from '../../server/master-key-file.ts'
import { opensEvery } from '../../server/opens-every.ts'
import { changeNames } from '../../store/database.ts'
import {
  artifactsUsedOnce,
  type DatabaseFile,
  dropTickets,
  endAllSessions,
  UnusableFile,
} from '../../store/sqlite/copy.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import type { Outside } from '../outside.ts'
import { printResult } from '../terminal/print.ts'
import { readConfigFor } from '../with-core.ts'
import { copyChecked, holdOrRefuse } from './sqlite-copies.ts'
import { keepAside, putInPlace, removeDatabase } from './sqlite-files.ts'

interface Options {
  endSessions?: boolean
}

/** `restore FILE`: puts a backup in the place of the database of SQLite, which is kept beside it. */
export function defineCommand(restore: CliCommand): void {
  restore
    .argument('<file>', 'what `backup` has written')
    .option('--end-sessions', 'end all sessions')
    .action((file: string, options: Options, command: CliCommand) =>
      restoreFile(resolve(file), options, command),
    )
}

async function restoreFile(file: string, options: Options, command: CliCommand): Promise<void> {
  const config = readConfigFor(command)
  const { now, pid, stderr } = command.outside
  const { database } = config
  if (database.engine === 'postgres') throw new CommandError(insteadOnPostgres(database.url, file))
  if (!existsSync(file)) throw new CommandError(`there is no ${file}`)
  if (resolve(database.path) === file) throw new CommandError(`${file} is the database itself`)

  await mkdir(dirname(database.path), { recursive: true, mode: 0o700 })
  const prepared = `${database.path}.restoring-${pid}`
  try {
    const copy = await prepare(file, prepared, stderr)
    const reason = await reasonToRefuse(copy, config)
    if (reason !== undefined) throw new CommandError(`${file} ${reason}`)
    const { accounts } = copy
    dropTickets(prepared)
    const endedSessions = options.endSessions ? endAllSessions(prepared, now()) : 0
    const replaced = await swap(prepared, database.path, now())
    printResult(command, { database: database.path, accounts, endedSessions, replaced }, [
      `${database.path} is the database of ${file} now, with ${accounts} accounts.`,
      ...(replaced ? [`The one that it replaces is kept: ${replaced}`] : []),
      ...(options.endSessions ? [`Sessions ended: ${endedSessions}`] : []),
    ])
  } finally {
    await removeDatabase(prepared)
  }
}

/** Copies the backup beside the database, where nothing else touches it, and checks the copy. */
async function prepare(file: string, prepared: string, stderr: Outside['stderr']): Promise<DatabaseFile> {
  const stats = await stat(file)
  if (!stats.isFile()) throw new CommandError(`${file} is not a file`)
  if (stats.size === 0) throw new CommandError(`${file} is empty`)
  return copyChecked({ from: file, to: prepared }, stderr)
}

/** Why this server could not serve from it, in words that follow its name. */
async function reasonToRefuse(
  { changes, signingKeys }: DatabaseFile,
  config: Config,
): Promise<string | undefined> {
  const known = new Set(changeNames('sqlite'))
  const newer = changes.find((name) => !known.has(name))
  if (newer) return `is of a newer release than this one (${newer})`
  if (signingKeys.length === 0) return undefined
  const masterKeys = await readMasterKeys(config)
  if (!masterKeys) return 'needs its master key: set MANYDOORS_SECRET, or put master.key into the data folder'
  return opensEvery(masterKeys, signingKeys)
    ? undefined
    : 'was made under another master key than the one that is configured'
}

/** Puts a prepared database in its place. Returns where the one that was there is now. */
async function swap(prepared: string, place: string, now: number): Promise<string | undefined> {
  if (!existsSync(place)) {
    // What a lost database has left behind would be read as the log of the new one.
    await removeDatabase(place)
    await putInPlace(prepared, place)
    return undefined
  }
  const kept = `${place}.replaced-${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}`
  const hold = takeHold(place)
  try {
    await keepAside(place, kept)
    await putInPlace(prepared, place)
    return kept
  } finally {
    hold.release()
  }
}

/** Throws `CommandError` while a server runs. What is damaged cannot be held, and is no use to a server either. */
function takeHold(path: string): { release(): void } {
  try {
    return holdOrRefuse(path)
  } catch (error) {
    if (error instanceof UnusableFile) return { release: () => {} }
    throw error
  }
}

function insteadOnPostgres(url: string, file: string): string {
  const database = withoutPassword(url)
  const kinds = artifactsUsedOnce.map((kind) => `'${kind}'`).join(', ')
  return (
    'restore is for SQLite, and the database is PostgreSQL, which has its own tools. Stop every node, then for ' +
    'example:\n' +
    `  pg_restore --clean --if-exists --no-owner --single-transaction --dbname='${database}' '${file}'\n` +
    `  psql '${database}' --command='delete from tickets'\n` +
    `  psql '${database}' --command="delete from openid_artifacts where kind in (${kinds})"`
  )
}
