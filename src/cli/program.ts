import { CommanderError } from 'commander'
import pkg from '../../package.json' with { type: 'json' }
import { CliCommand } from './cli-command.ts'
import { CommandError, explainFailure } from './failure.ts'
import type { Outside } from './outside.ts'
import { refuseRemote } from './remote/either-way.ts'
import { endWhenNobodyReads } from './terminal/broken-pipe.ts'

type Definition = { defineCommand(command: CliCommand): void }

/** What gives each command its arguments, options and action is loaded when it runs: a server needs only its own. */
const commands: Record<string, [description: string, load: () => Promise<Definition>]> = {
  serve: ['start the server', () => import('./serve/serve.ts')],
  migrate: ['apply pending changes to the tables of the database', () => import('./database/migrate.ts')],
  backup: [
    'copy the database of SQLite into a file, also while the server runs',
    () => import('./database/backup.ts'),
  ],
  restore: [
    'replace the database of SQLite with a backup, while no server runs',
    () => import('./database/restore.ts'),
  ],
  move: ['move from SQLite to PostgreSQL, while no server runs', () => import('./database/move.ts')],
  doctor: [
    'check the configuration and everything that it names; exit code 1 when there is a problem',
    () => import('./doctor/doctor.ts'),
  ],
  keys: ['signing keys and master keys: list, rotate, reseal', () => import('./keys/keys.ts')],
  account: [
    'accounts: create, list, show, disable, enable, delete, keep, reset, sessions, remove-second-factor, remove-passkeys, export',
    () => import('./account/account.ts'),
  ],
  import: [
    'accounts of other systems: import FORMAT FILES, convert, runs, undo, verify, formats',
    () => import('./import/import.ts'),
  ],
  switching: [
    'the way from an old server: status, check, finish, changes',
    () => import('./switching/switching.ts'),
  ],
  shadow: [
    'rehearse a switch: a proxy before the old server that repeats requests at a new one; report',
    () => import('./shadow/shadow.ts'),
  ],
  client: [
    'the apps that sign people in: list, show, add, remove, secret, token',
    () => import('./client/client.ts'),
  ],
  operator: [
    'who runs this server: list, invite, role, disable, enable, token',
    () => import('./operator/operator.ts'),
  ],
  webhook: [
    'the endpoints outside that are told what happens: list, show, add, edit, remove, pause, resume, test, secret, deliveries, delivery, resend, types',
    () => import('./webhook/webhook.ts'),
  ],
  audit: ['print the audit trail, oldest first', () => import('./audit/audit.ts')],
  limits: [
    'how much of the limits an account or address has used: show, clear',
    () => import('./limits/limits.ts'),
  ],
  block: ['addresses that nobody is answered at: add, list, remove', () => import('./block/block.ts')],
  settings: [
    'what may be set while servers run, after the settings file: list, set, reset',
    () => import('./settings/settings.ts'),
  ],
  openapi: [
    'print the OpenAPI document of a door: what its clients send, and what they are answered',
    () => import('./openapi/openapi.ts'),
  ],
  config: ['the settings: check, show, schema', () => import('./config/config.ts')],
}

/** Runs the command that the arguments name, or else `serve`. Returns the exit code; never throws. */
export async function runProgram(args: string[], outside: Outside): Promise<number> {
  const run = { ...outside }
  const ignoreBrokenPipe = endWhenNobodyReads(run)
  const program = createProgram(run)
  program.hook('preSubcommand', async (_program, command) => {
    if (command.name() === 'serve') {
      refuseUnknown(program.args[0])
      ignoreBrokenPipe()
    }
    const [, load] = commands[command.name()] ?? []
    const definition = await load?.()
    definition?.defineCommand(command as CliCommand)
  })
  program.hook('preAction', (_program, command) => refuseRemote(command as CliCommand))
  try {
    // Else Commander shows what a command has that is not loaded yet.
    const [first, ...others] = args
    await program.parseAsync(first === 'help' ? [...others, '--help'] : args, { from: 'user' })
    return run.exitCode ?? 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode
    run.stderr.write(`${explainFailure(error)}\n`)
    return 1
  }
}

function createProgram(outside: Outside): CliCommand {
  const { stdout, stderr } = outside
  const program = new CliCommand(outside, 'manydoors')
    .description('A self-hosted authentication server: one identity core, many doors.')
    .option(
      '--config <file>',
      'the settings file; else MANYDOORS_CONFIG, else manydoors.yaml if there is one',
    )
    .option('--json', 'print JSON')
    .option(
      '--server <url>',
      'work at this running server, through its admin API; else MANYDOORS_SERVER, else on this machine',
    )
    .option('--token-file <file>', 'the file that holds the token for it; else MANYDOORS_TOKEN_FILE')
    .version(pkg.version, '-V, --version', 'print the version')
    .showHelpAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHelpWidth: () => (stdout.isTTY && stdout.columns) || 80,
      getErrHelpWidth: () => (stderr.isTTY && stderr.columns) || 80,
    })
  for (const [name, [description]] of Object.entries(commands))
    program.command(name, { isDefault: name === 'serve' }).description(description)
  return program
}

/** What follows no command's name goes to the default one. Throws `CommandError` for what was meant as another. */
function refuseUnknown(first: string | undefined): void {
  if (first === undefined || first.startsWith('-') || first in commands) return
  throw new CommandError(`there is no command ${first}: ${Object.keys(commands).join(', ')}`)
}
