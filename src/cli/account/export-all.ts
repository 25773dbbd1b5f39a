import { exportAccounts } from '../../core/imports/export-accounts.ts'
import { UnusableHash } from '../../hashes/foreign-hash.ts'
import { readHash } from '../../hashes/read-hash.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import type { Outside } from '../outside.ts'
import { withRealm } from '../realm.ts'
import { writeOut } from '../terminal/print.ts'
import { createPrivateFile } from '../terminal/private-file.ts'

/**
 * `account export --all`: every account in the neutral form, one a line, as `import manydoors` takes it. It has hashes and
 * second factors in it, so it goes into a new file of the owner's alone, or through a pipe, and never onto a terminal.
 */
export async function exportAll(output: string | undefined, command: CliCommand): Promise<void> {
  const { stdout, stderr } = command.outside
  if (output === undefined && stdout.isTTY)
    throw new CommandError('this prints hashes and second factors: give --output FILE, or pipe it on')
  await withRealm(command, 'read', async (ctx) => {
    const target = output === undefined ? toStdout(stdout) : toFile(output)
    const left = { accounts: 0, recoveryCodes: 0, passwords: 0 }
    try {
      for await (const account of exportAccounts(ctx, { secretIdOf })) {
        await target.write(`${JSON.stringify(account.record)}\n`)
        left.accounts++
        left.recoveryCodes += account.recoveryCodesLeft
        if (account.passwordLeft) left.passwords++
      }
    } catch (error) {
      target.discard()
      throw error
    }
    target.close()
    for (const line of linesOf(left)) stderr.write(`${line}\n`)
  })
}

/** Where the lines go. */
interface Target {
  write(line: string): Promise<void>
  close(): void
  discard(): void
}

function toFile(path: string): Target {
  const { write, close, discard } = createPrivateFile(path)
  return { write: async (line) => write(line), close, discard }
}

function toStdout(stdout: Outside['stdout']): Target {
  return { write: (line) => writeOut(stdout, line), close: () => {}, discard: () => {} }
}

function secretIdOf(stored: string): string | undefined {
  try {
    return readHash(stored).secretId
  } catch (error) {
    if (error instanceof UnusableHash) return undefined
    throw error
  }
}

function linesOf({ accounts, recoveryCodes, passwords }: Record<string, number>): string[] {
  return [
    `${accounts} accounts, with their hashes and second factors: keep the file to yourself, and delete it in the end`,
    ...(recoveryCodes
      ? [`${recoveryCodes} recovery codes stay behind, as only their hashes are here: owners make new ones`]
      : []),
    ...(passwords
      ? [`${passwords} accounts go without a password, as the secret of its hash is not here`]
      : []),
  ]
}
