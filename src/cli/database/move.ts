import { databaseUrl } from '../../config/sections/database.ts'
import { withoutPassword } from '../../lib/postgres-url.ts'
import { postgresFacts } from '../../store/admin/diagnosis.ts'
import { MoveRefused, moveRows } from '../../store/admin/move.ts'
import { migrate, migrateInTurn } from '../../store/database.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import type { Outside } from '../outside.ts'
import { printResult } from '../terminal/print.ts'
import { createProgress } from '../terminal/progress.ts'
import { readConfigFor, withDatabase } from '../with-core.ts'
import { refuseMissing } from './missing.ts'
import { explainUnusable, holdOrRefuse } from './sqlite-copies.ts'

/** `move --to postgres://…`: copies everything from SQLite to PostgreSQL, all of it or nothing. */
export function defineCommand(move: CliCommand): void {
  move
    .requiredOption('--to <url>', 'an empty database, such as postgres://user@host/name')
    .action(({ to }: { to: string }, command: CliCommand) => moveTo(readTarget(to), command))
}

/** Not left to Commander, which would repeat the address, and the password in it. */
function readTarget(text: string): string {
  const { data, error } = databaseUrl.safeParse(text)
  if (data?.engine === 'postgres') return data.url
  const problem = /^postgres(ql)?:/.test(text) ? error?.issues[0]?.message : undefined
  throw new CommandError(`--to cannot be used. It ${problem ?? 'must be postgres://…'}`)
}

async function moveTo(to: string, command: CliCommand): Promise<void> {
  const { database } = readConfigFor(command)
  if (database.engine !== 'sqlite') throw new CommandError('the database is on PostgreSQL already')
  refuseMissing(database)
  takeAlone(database.path).release()
  // To the form that the target will have.
  const now = command.outside.now()
  await withDatabase(database, (db, engine) => migrateInTurn(db, engine, { now }))

  const tables = await copy(database.path, to, command.outside)
  const shown = withoutPassword(to)
  printResult(command, { to: shown, tables }, [
    ...tables.map(({ name, rows }) => `${name.padEnd(16)} ${rows} rows`),
    `Everything is at ${shown}, and was compared row by row. Set DATABASE_URL to it, with the same master key.`,
    `${database.path} stays as it is: keep it until you are sure, and start no server on it.`,
  ])
}

function takeAlone(path: string) {
  try {
    return holdOrRefuse(path)
  } catch (error) {
    throw explainUnusable(path, error)
  }
}

async function copy(path: string, url: string, { now, stderr }: Outside) {
  const hold = takeAlone(path)
  const progress = createProgress(stderr)
  let current = ''
  const onProgress = (table: string, done: number, total: number) => {
    if (table !== current) progress.begin(table, total)
    current = table
    progress.update(done)
  }
  try {
    return await withDatabase({ engine: 'postgres', url }, async (target) => {
      const { encoding } = await postgresFacts(target)
      if (encoding !== 'UTF8')
        throw new MoveRefused(`the encoding of the target is ${encoding} and must be UTF8`)
      return target.transaction().execute(async (target) => {
        await migrate(target, 'postgres', now())
        return moveRows({ source: hold.database, target, onProgress })
      })
    })
  } catch (error) {
    throw error instanceof MoveRefused ? new CommandError(`nothing was moved: ${error.message}`) : error
  } finally {
    progress.end()
    hold.release()
  }
}
