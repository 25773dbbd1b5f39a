import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { parse } from 'csv-parse'
import {
  type KnownPassword,
  type PasswordFinding,
  verifyPasswords,
} from '../../core/imports/verify-passwords.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { realmOption, withRealm } from '../realm.ts'
import { printRows } from '../terminal/print.ts'

/** `import verify`: whether passwords that are known are right here, before anybody signs in with them. */
export function addVerifyCommand(parent: CliCommand): void {
  parent
    .command('verify <file>')
    .description('check known passwords, from a CSV file with a name and a password on each line')
    .addOption(realmOption())
    .action(verify)
}

async function verify(path: string, _options: object, command: CliCommand): Promise<void> {
  let [checked, right] = [0, 0]
  await withRealm(command, 'read', async (ctx) => {
    const present = ({ line, finding }: { line: number; finding: PasswordFinding }) => {
      checked++
      if (finding === 'right') right++
      return { line, finding }
    }
    const findings = verifyPasswords(ctx, readPasswords(path))
    await printRows(command, findings, { present, lineOf })
  })
  command.outside.stderr.write(`${right} of ${checked} are right\n`)
  if (checked === 0 || right < checked) command.outside.exitCode = 1
}

function lineOf({ line, finding }: Record<string, unknown>): string {
  return `line ${line}: ${words[finding as PasswordFinding]}`
}

const words: Record<PasswordFinding, string> = {
  right: 'right',
  wrong: 'wrong',
  no_password: 'wrong: the account has no password',
  disabled: 'right, but the account is disabled',
  unknown: 'unknown: there is no such account',
}

/** The rows of a file, its header left out where it has one. Throws `CommandError`, which repeats nothing of them. */
async function* readPasswords(path: string): AsyncGenerator<KnownPassword> {
  const parser = parse({ bom: true, info: true, skip_empty_lines: true })
  // Whoever reads the rows is told of what goes wrong.
  const rows = pipeline(createReadStream(path), parser, () => {})
  try {
    for await (const { record, info } of rows as AsyncIterable<CsvRow>) {
      const [identifier = '', password = '', ...more] = record
      if (more.length > 0 || record.length < 2) throw notTwo(info.lines)
      if (info.records === 1 && /^(identifier|e-?mail|username)$/i.test(identifier)) continue
      yield { identifier, password, line: info.lines }
    }
  } catch (error) {
    const code = (error as { code?: string }).code
    if (code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH') throw notTwo((error as { lines: number }).lines)
    // What the library says of broken quotes repeats the field, which may be a password.
    throw code?.startsWith('CSV_') ? new CommandError(`${path} is no CSV`) : error
  }
}

interface CsvRow {
  record: string[]
  info: { lines: number; records: number }
}

function notTwo(line: number): CommandError {
  return new CommandError(`line ${line} has not two fields: a name, a comma, a password`)
}
