import { isMissing } from '../../server/missing-file.ts'
import { migrateInTurn, readSchemaState } from '../../store/database.ts'
import type { ChangeState } from '../../store/migrations/migrate.ts'
import { createDatabaseFile } from '../../store/sqlite/create-file.ts'
import type { DatabaseLocation } from '../../store/types.ts'
import type { CliCommand } from '../cli-command.ts'
import { printResult } from '../terminal/print.ts'
import { readConfigFor, withDatabase } from '../with-core.ts'

/** `migrate`: brings the tables to this release's form, as a start of the server does; `--status` only looks. */
export function defineCommand(migrate: CliCommand): void {
  migrate
    .option('--status', 'only list applied and pending changes')
    .action(async ({ status }: { status?: boolean }, command: CliCommand) => {
      await (status ? printState(command) : makeChanges(command))
    })
}

async function makeChanges(command: CliCommand): Promise<void> {
  const { database } = readConfigFor(command)
  const { now, stderr } = command.outside
  await createDatabaseFile(database)
  const onWait = () => void stderr.write('another process changes the tables: waiting for it\n')
  const applied = await withDatabase(database, (db, engine) =>
    migrateInTurn(db, engine, { now: now(), onWait }),
  )
  const lines = applied.map((name) => `applied ${name}`)
  printResult(command, { applied }, lines.length > 0 ? lines : ['nothing to do: every change is made'])
}

async function printState(command: CliCommand): Promise<void> {
  const { database } = readConfigFor(command)
  // To open a file that is not there would make it.
  const location: DatabaseLocation = isMissing(database) ? { engine: 'sqlite', path: ':memory:' } : database
  const states = await withDatabase(location, readSchemaState)
  const changes = states.map((change) => ({ name: change.name, state: stateOf(change), at: timeOf(change) }))
  const lines = changes.map(({ name, state, at }) => `${state.padEnd(8)} ${name}${at ? `  ${at}` : ''}`)
  printResult(command, { changes }, lines)
}

function stateOf({ appliedAt, isKnown, isBreaking }: ChangeState): string {
  if (appliedAt === undefined) return 'pending'
  if (isKnown) return 'applied'
  return isBreaking ? 'breaking' : 'newer'
}

function timeOf({ appliedAt }: ChangeState): string | undefined {
  return appliedAt ? new Date(appliedAt).toISOString() : undefined
}
