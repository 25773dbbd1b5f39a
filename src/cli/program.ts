import { Command } from 'commander'
import { accountCommand } from './account.ts'
import { auditCommand } from './audit.ts'
import { backupCommand } from './backup.ts'
import { clientCommand } from './client.ts'
import { configCommand } from './config.ts'
import { doctorCommand } from './doctor.ts'
import { explainFailure } from './failure.ts'
import { keysCommand } from './keys.ts'
import { migrateCommand } from './migrate.ts'
import { moveCommand } from './move.ts'
import { restoreCommand } from './restore.ts'
import { serveCommand } from './serve.ts'

/** Reads the command line and runs the command that it names; `serve` when it names none. */
export async function runProgram(argv: string[]): Promise<void> {
  const program = new Command('manydoors')
    .description('A self-hosted authentication server: one identity core, many doors.')
    .option(
      '--config <file>',
      'the settings file; else MANYDOORS_CONFIG, else manydoors.yaml if there is one',
    )
    .option('--json', 'print JSON')
    .showHelpAfterError()
  for (const addCommand of [
    serveCommand,
    migrateCommand,
    backupCommand,
    restoreCommand,
    moveCommand,
    doctorCommand,
    keysCommand,
    accountCommand,
    clientCommand,
    auditCommand,
    configCommand,
  ])
    addCommand(program)
  try {
    await program.parseAsync(argv)
  } catch (error) {
    process.stderr.write(`${explainFailure(error)}\n`)
    process.exitCode = 1
  }
}
