import { Option } from 'commander'
import type { z } from 'zod'
import * as operations from '../../admin/operations/operators/tokens.ts'
import { type Capability, capabilities } from '../../core/operators/capabilities.ts'
import { listAdminTokens, makeAdminToken, revokeAdminToken } from '../../core/operators/tokens.ts'
import { reasonOption } from '../account/reason.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { byOperation } from '../remote/by-operation.ts'
import { eitherWay } from '../remote/either-way.ts'
import type { Remote } from '../remote/remote.ts'
import { countArgument } from '../terminal/arguments.ts'
import { fieldText, printResult } from '../terminal/print.ts'
import { createPrivateFile } from '../terminal/private-file.ts'
import { readConfigFor } from '../with-core.ts'
import { withOperators } from './with-operators.ts'

interface MakeOptions {
  scope: Capability[]
  realm?: string[]
  days: number
  out?: string
  reason?: string
}

type View = z.output<typeof operations.list.output>['items'][number]

const day = 24 * 60 * 60
const maxDays = 365

/** `operator token …`: what programs show to the admin API. */
export function defineTokens(token: CliCommand): void {
  eitherWay(token.command('list').description('list the tokens, newest first'), {
    here: (_options: object, command: CliCommand) =>
      withOperators(command, 'read', async (ctx) =>
        printTokens(command, (await listAdminTokens(ctx)).map(operations.present)),
      ),
    there: byOperation(operations.list, { print: (command, { items }) => printTokens(command, items) }),
  })
  eitherWay(
    token
      .command('make <name>')
      .description('make a token for a program, and print it: it is shown this once')
      .addOption(
        new Option('--scope <capability...>', 'what it may do, one by one')
          .choices(capabilities)
          .makeOptionMandatory(),
      )
      .option('--realm <name...>', 'hold it to these realms (all, and the server)')
      .option('--days <number>', `how long it is good, at most ${maxDays}`, countArgument, 90)
      .option('--out <file>', 'write it into this new file, which nobody else may read, and do not print it')
      .addOption(reasonOption()),
    { here: makeHere, there: makeThere },
  )
  eitherWay(
    token.command('revoke <id>').description('make a token useless at once').addOption(reasonOption()),
    {
      here: (id: string, _options: object, command: CliCommand) =>
        withOperators(command, 'change', async (ctx) => {
          await revokeAdminToken(ctx, id)
          printRevoked(command, {}, id)
        }),
      there: byOperation(operations.revoke, { input: (token: string) => ({ token }), print: printRevoked }),
    },
  )
}

async function makeHere(name: string, options: MakeOptions, command: CliCommand): Promise<void> {
  const { scope: scopes, realm: realms, days } = options
  const known = readConfigFor(command).realms
  const unknown = realms?.find((name) => !known.some((realm) => realm.name === name))
  if (unknown !== undefined) throw new CommandError(`there is no realm ${unknown}`)
  if (days > maxDays) throw new CommandError(`a token is good for ${maxDays} days at most`)
  const { data } = operations.make.input.shape.name.safeParse(name)
  if (data === undefined) throw new CommandError('a name has 1 to 80 characters on one line')
  await withOperators(command, 'change', async (ctx) => {
    await handOver(command, options, async () => {
      const lifetimeSeconds = days * day
      const { token, row } = await makeAdminToken(ctx, { name: data, scopes, realms, lifetimeSeconds })
      return { token, row: operations.present(row) }
    })
  })
}

async function makeThere(
  remote: Remote,
  name: string,
  options: MakeOptions,
  command: CliCommand,
): Promise<void> {
  const { scope: scopes, realm: realms, days, reason } = options
  await handOver(command, options, () =>
    remote.perform(operations.make, { name, scopes, realms, days, reason }),
  )
}

/** Prints a new token, or writes it into a file that is there before the token is, so that none is made for nothing. */
async function handOver(
  command: CliCommand,
  { out }: MakeOptions,
  make: () => Promise<{ token: string; row: View }>,
): Promise<void> {
  if (out === undefined) {
    const { token, row } = await make()
    return printResult(command, { token, ...row }, [
      token,
      '',
      `It is shown this once, and good until ${row.expiresAt}.`,
    ])
  }
  const file = createPrivateFile(out)
  const made = await make().catch((error: unknown) => {
    file.discard()
    throw error
  })
  file.write(`${made.token}\n`)
  file.close()
  printResult(command, { file: out, ...made.row }, [
    `${out} holds the token ${made.row.id}, good until ${made.row.expiresAt}`,
  ])
}

function printTokens(command: CliCommand, tokens: View[]): void {
  const lines = tokens.map(({ id, name, scopes, realms, expiresAt, revokedAt, lastUsedAt }) =>
    fieldText({
      id,
      name,
      scopes: scopes.join(','),
      realms: realms === null ? undefined : `realms=${realms.join(',')}`,
      until: `until=${expiresAt}`,
      used: lastUsedAt === null ? undefined : `used=${lastUsedAt}`,
      state: revokedAt === null ? undefined : 'revoked',
    }),
  )
  printResult(command, tokens, lines.length > 0 ? lines : ['none'])
}

function printRevoked(command: CliCommand, _answer: object, id: string): void {
  printResult(command, { id, revoked: true }, [`${id} is useless from now on`])
}
