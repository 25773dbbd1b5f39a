import { v7 as uuidv7 } from 'uuid'
import { inEnglish } from '../../admin/findings.ts'
import { ConfigError } from '../../config/config.ts'
import { defaultHashing } from '../../core/passwords/hashing.ts'
import type { Check, NamedFinding } from '../../server/doctor/check.ts'
import { checkTemplates } from '../../server/doctor/check-templates.ts'
import { hashingCheck } from '../../server/doctor/hashing.ts'
import { machineChecks } from '../../server/doctor/machine.ts'
import { configurationCheck, runChecks, serverChecks } from '../../server/doctor/run-checks.ts'
import type { CliCommand } from '../cli-command.ts'
import { emailArgument } from '../terminal/arguments.ts'
import { printResult } from '../terminal/print.ts'
import { readConfigFor, withDatabase } from '../with-core.ts'

/** `doctor`: looks at everything that a server needs, changes nothing, and says what to do about what it finds. */
export function defineCommand(doctor: CliCommand): void {
  doctor
    .option('--send-to <address>', 'send a test mail there', emailArgument)
    .action(async ({ sendTo }: { sendTo?: string }, command: CliCommand) => {
      const findings = (await examine(command, sendTo)).map(worded)
      const problems = findings.filter(({ state }) => state === 'problem').length
      const warnings = findings.filter(({ state }) => state === 'warning').length
      const summary = `${findings.length} checks, ${problems} problems, ${warnings} warnings`
      printResult(command, { problems, warnings, findings }, [...findings.map(lineOf), '', summary])
      if (problems > 0) command.outside.exitCode = 1
    })
}

async function examine(command: CliCommand, sendTo: string | undefined): Promise<NamedFinding[]> {
  const config = await valueOrProblems(() => readConfigFor(command))
  const { outside } = command
  const hashing = hashingCheck(Array.isArray(config) ? defaultHashing : config.hashing, outside)
  if (Array.isArray(config)) return inTurn([...config.map(asCheck), ...machineChecks(outside)], hashing)

  // Those keep a server from its start, and none of the other checks.
  const wrongTemplates = await valueOrProblems(() => checkTemplates(config))
  const mail = sendTo === undefined ? undefined : { address: sendTo, id: uuidv7() }
  return withDatabase(config.database, (db) =>
    inTurn(
      [
        ...(wrongTemplates?.map(asCheck) ?? [configurationCheck(config)]),
        ...serverChecks(config, db, { ...outside, sendTo: mail }),
      ],
      hashing,
    ),
  )
}

/** The last takes all cores, and would make the others late. */
async function inTurn(checks: Check[], last: Check): Promise<NamedFinding[]> {
  return [...(await runChecks(checks)), ...(await runChecks([last]))]
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
  return {
    name: 'configuration',
    run: async () => ({ state: 'problem', says, advice: 'see docs/configuration.md' }),
  }
}

function worded({ check, state, says, advice }: NamedFinding) {
  return { check, state, says: inEnglish(says), ...(advice !== undefined && { advice: inEnglish(advice) }) }
}

function lineOf({ check, state, says, advice }: ReturnType<typeof worded>): string {
  return `${state.padEnd(8)} ${check.padEnd(15)} ${says}${advice ? ` → ${advice}` : ''}`
}
