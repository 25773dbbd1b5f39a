import { timeOf } from '../../core/accounts/present.ts'
import { type ImportRun, listRuns } from '../../core/imports/runs.ts'
import { undoRun } from '../../core/imports/undo.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { realmOption, withRealm } from '../realm.ts'
import { confirm } from '../terminal/ask.ts'
import { fieldText, printResult, printRows } from '../terminal/print.ts'
import { reasonLines } from './report-text.ts'

/** `import runs`: what was imported, oldest first. */
export function addRunsCommand(parent: CliCommand): void {
  parent
    .command('runs')
    .description('list the imports that have written something, oldest first')
    .addOption(realmOption())
    .action((_options: object, command: CliCommand) =>
      withRealm(command, 'read', async (ctx) => {
        await printRows(command, await listRuns(ctx), { present: presentRun, lineOf })
      }),
    )
}

/** `import undo`: removes what a run has created and nobody has used. */
export function addUndoCommand(parent: CliCommand): void {
  parent
    .command('undo <run>')
    .description('remove the accounts that an import has created and nobody has used since')
    .addOption(realmOption())
    .option('--yes', 'do not ask for confirmation')
    .action(undo)
}

async function undo(id: string, { yes }: { yes?: boolean }, command: CliCommand): Promise<void> {
  await withRealm(command, 'change', async (ctx) => {
    const run = (await listRuns(ctx)).find((run) => run.id === id)
    if (!run) throw new CommandError(`realm ${ctx.realm.name} has no run ${id}: manydoors import runs`)
    const question = `Remove what the import of ${run.source} of ${timeOf(run.startedAt)} has created (${run.report.created} accounts)?`
    if (!yes && !(await confirm(command.outside, question))) throw new CommandError('nothing was removed')
    const { removed, kept } = await undoRun(ctx, id)
    printResult(command, { id, removed, kept }, [
      `${removed} accounts are removed`,
      ...reasonLines('Kept', kept),
    ])
  })
}

function presentRun(run: ImportRun): Record<string, unknown> {
  const { startedAt, finishedAt, undoneAt, ...rest } = run
  return {
    ...rest,
    state: stateOf(run),
    startedAt: timeOf(startedAt),
    finishedAt: timeOf(finishedAt ?? null),
    undoneAt: timeOf(undoneAt ?? null),
  }
}

function stateOf({ finishedAt, undoneAt }: ImportRun): string {
  if (undoneAt !== undefined) return 'undone'
  return finishedAt === undefined ? 'not ended' : 'ended'
}

function lineOf({ id, startedAt, state, source, format, position, report }: Record<string, unknown>): string {
  const { created, filled } = report as ImportRun['report']
  return fieldText({
    id,
    startedAt,
    state,
    source,
    format,
    read: `read ${position}`,
    created: `created ${created}`,
    filled: `filled ${filled}`,
  })
}
