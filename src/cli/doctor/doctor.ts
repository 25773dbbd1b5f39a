import { v7 as uuidv7 } from 'uuid'
import { type Config, ConfigError } from '../../config/config.ts'
import { defaultHashing } from '../../core/passwords/hashing.ts'
import type { CliCommand } from '../cli-command.ts'
import { emailArgument } from '../terminal/arguments.ts'
import { printResult } from '../terminal/print.ts'
import { readConfigFor, withDatabase } from '../with-core.ts'
import { type Check, type NamedFinding, ok, problem, runCheck } from './check.ts'
import { checkTemplates } from './check-templates.ts'
import { databaseChecks, onSchemaOf } from './database.ts'
import { deliveryChecks } from './delivery.ts'
import { fileChecks } from './files.ts'
import { hookChecks } from './hooks.ts'
import { machineChecks } from './machine.ts'
import { openidChecks } from './openid.ts'
import { publicUrlChecks } from './public-url.ts'

/** Longer than any check waits by itself, but for that of a large file. */
const checkTimeoutMs = 70_000

/** `doctor`: looks at everything that a server needs, changes nothing, and says what to do about what it finds. */
export function defineCommand(doctor: CliCommand): void {
  doctor
    .option('--send-to <address>', 'send a test mail there', emailArgument)
    .action(async ({ sendTo }: { sendTo?: string }, command: CliCommand) => {
      const findings = await examine(command, sendTo)
      const problems = findings.filter(({ state }) => state === 'problem').length
      const warnings = findings.filter(({ state }) => state === 'warning').length
      const summary = `${findings.length} checks, ${problems} problems, ${warnings} warnings`
      printResult(command, { problems, warnings, findings }, [...findings.map(lineOf), '', summary])
      if (problems > 0) command.outside.exitCode = 1
    })
}

async function examine(command: CliCommand, sendTo: string | undefined): Promise<NamedFinding[]> {
  const config = await valueOrProblems(() => readConfigFor(command))
  const { env, now } = command.outside
  const machine = machineChecks(Array.isArray(config) ? defaultHashing : config.hashing, command.outside)
  if (Array.isArray(config)) return runChecks([...config.map(asCheck), ...machine])

  // Those keep a server from its start, and none of the other checks.
  const wrongTemplates = await valueOrProblems(() => checkTemplates(config))
  return withDatabase(config.database, (db) =>
    runChecks([
      ...(wrongTemplates?.map(asCheck) ?? [describe(config)]),
      ...fileChecks(config),
      ...databaseChecks(config, { db, now, env }),
      ...deliveryChecks(config, sendTo === undefined ? undefined : { address: sendTo, id: uuidv7() }),
      ...hookChecks(config),
      ...publicUrlChecks(config, { ...command.outside, db }),
      ...openidChecks(config, { ...command.outside, db, onSchema: onSchemaOf(config, db) }),
      ...machine,
    ]),
  )
}

/** What the work returns, or everything that is wrong with the configuration. */
async function valueOrProblems<T>(work: () => T | Promise<T>): Promise<T | string[]> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

function asCheck(says: string): Check {
  return { name: 'configuration', run: async () => problem(says, 'see docs/configuration.md') }
}

function describe({ mode, file, realms }: Config): Check {
  const says = `${mode}, ${file ?? 'environment alone'}, for ${realms.map(({ publicUrl }) => publicUrl).join(', ')}`
  return { name: 'configuration', run: async () => ok(says) }
}

/** All at once, but for the last: it takes all cores, and would make the others late. */
async function runChecks(checks: Check[]): Promise<NamedFinding[]> {
  const last = checks.at(-1)
  const findings = await Promise.all(checks.slice(0, -1).map((check) => runCheck(check, checkTimeoutMs)))
  if (last) findings.push(await runCheck(last, checkTimeoutMs))
  return findings.filter((finding) => finding !== undefined)
}

function lineOf({ check, state, says, advice }: NamedFinding): string {
  return `${state.padEnd(8)} ${check.padEnd(15)} ${says}${advice ? ` → ${advice}` : ''}`
}
