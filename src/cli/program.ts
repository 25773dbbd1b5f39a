import { Command } from 'commander'
import pkg from '../../package.json' with { type: 'json' }
import { endWhenNobodyReads } from './broken-pipe.ts'
import { CommandError, explainFailure } from './failure.ts'

type AddCommand = (program: Command) => void

/** The commands, each loaded when it is named: a server has no use for the others. */
const commands: Record<string, () => Promise<AddCommand>> = {
  serve: async () => (await import('./serve.ts')).serveCommand,
  migrate: async () => (await import('./migrate.ts')).migrateCommand,
  backup: async () => (await import('./backup.ts')).backupCommand,
  restore: async () => (await import('./restore.ts')).restoreCommand,
  move: async () => (await import('./move.ts')).moveCommand,
  doctor: async () => (await import('./doctor.ts')).doctorCommand,
  keys: async () => (await import('./keys.ts')).keysCommand,
  account: async () => (await import('./account.ts')).accountCommand,
  client: async () => (await import('./client.ts')).clientCommand,
  audit: async () => (await import('./audit.ts')).auditCommand,
  config: async () => (await import('./config.ts')).configCommand,
}

/** Reads the command line and runs the command that it names; `serve` when it names none. */
export async function runProgram(argv: string[]): Promise<void> {
  const program = new Command('manydoors')
    .description('A self-hosted authentication server: one identity core, many doors.')
    .option(
      '--config <file>',
      'the settings file; else MANYDOORS_CONFIG, else manydoors.yaml if there is one',
    )
    .option('--json', 'print JSON')
    .version(pkg.version, '-V, --version', 'print the version')
    .showHelpAfterError()
  try {
    const names = namesIn(argv.slice(2))
    if (!names.includes('serve')) endWhenNobodyReads()
    for (const name of names) (await commands[name]?.())?.(program)
    await program.parseAsync(argv)
  } catch (error) {
    process.stderr.write(`${explainFailure(error)}\n`)
    process.exitCode = 1
  }
}

/** The commands that may be meant: what else is called like one does no harm. Throws `CommandError` for an unknown one. */
function namesIn(given: string[]): string[] {
  const all = Object.keys(commands)
  const named = all.filter((name) => given.includes(name))
  if (named.length > 0 && !given.includes('help')) return named
  if (given.some((word) => ['help', '-h', '--help'].includes(word))) return all
  if (given.some((word) => ['-V', '--version'].includes(word))) return []
  const [unknown] = given.filter((word, index) => !word.startsWith('-') && !given[index - 1]?.startsWith('-'))
  if (unknown !== undefined) throw new CommandError(`there is no command ${unknown}: ${all.join(', ')}`)
  return ['serve']
}
