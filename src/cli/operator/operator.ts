import { Option } from 'commander'
import type { z } from 'zod'
import * as operations from '../../admin/operations/operators/operators.ts'
import { timeOf } from '../../core/accounts/present.ts'
import type { RealmContext } from '../../core/context.ts'
import { type Role, roles } from '../../core/operators/capabilities.ts'
import { inviteOperator } from '../../core/operators/invitations.ts'
import {
  changeRole,
  disableOperator,
  enableOperator,
  listOperators,
  type Operator,
} from '../../core/operators/operators.ts'
import { reasonOption } from '../account/reason.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { byOperation } from '../remote/by-operation.ts'
import { eitherWay } from '../remote/either-way.ts'
import { emailArgument } from '../terminal/arguments.ts'
import { fieldText, printResult } from '../terminal/print.ts'
import { readConfigFor } from '../with-core.ts'
import { defineTokens } from './tokens.ts'
import { withOperators } from './with-operators.ts'

interface Options {
  role: Role
  realm?: string[]
  reason?: string
}

const roleOption = () => new Option('--role <role>', 'what they may do').choices(roles).makeOptionMandatory()
const realmOption = () => new Option('--realm <name...>', 'hold them to these realms (all)')

/** `operator …`: who runs this server; also the way back for operators who have lost every way in. */
export function defineCommand(operator: CliCommand): void {
  eitherWay(operator.command('list').description('list the operators'), {
    here: (_options: object, command: CliCommand) =>
      withOperators(command, 'read', async (ctx) =>
        printOperators(command, (await listOperators(ctx)).map(present)),
      ),
    there: byOperation(operations.list, {
      print: (command, { items }) => printOperators(command, items.map(presentView)),
    }),
  })
  eitherWay(
    operator
      .command('invite <email>')
      .description('print a link with which somebody becomes an operator, or an operator makes a new passkey')
      .addOption(roleOption())
      .addOption(realmOption())
      .addOption(reasonOption()),
    {
      here: inviteHere,
      there: byOperation(operations.invite, {
        input: (email: string, { role, realm: realms }: Options) => ({
          email: emailArgument(email),
          role,
          realms,
        }),
        print: (command, { link }) => printInvitation(command, link),
      }),
    },
  )
  changeCommands(operator)
  defineTokens(
    operator.command('token').description('what programs show to the admin API: list, make, revoke'),
  )
}

function changeCommands(operator: CliCommand): void {
  const role = operator
    .command('role <email>')
    .description('give an operator another role')
    .addOption(roleOption())
    .addOption(realmOption())
  changeOperator(role, operations.change, {
    here: (ctx, id, { role, realm }) => changeRole(ctx, id, { role, realms: realm }),
    line: (email, { role }) => `${email} is ${role} now`,
  })
  const disable = operator
    .command('disable <email>')
    .description('shut an operator out, and end their sessions')
  changeOperator(disable, operations.disable, {
    here: disableOperator,
    line: (email) => `${email} is shut out; their sessions have ended`,
  })
  const enable = operator.command('enable <email>').description('let an operator in again')
  changeOperator(enable, operations.enable, {
    here: enableOperator,
    line: (email) => `${email} can sign in again`,
  })
}

/** Gives a command that changes an operator, who is named by their address, its ways. */
function changeOperator(
  command: CliCommand,
  operation: typeof operations.change | typeof operations.disable | typeof operations.enable,
  {
    here,
    line,
  }: {
    here: (ctx: RealmContext, id: string, options: Options) => Promise<void>
    line: (email: string, options: Options) => string
  },
): void {
  const print = (command: CliCommand, email: string, options: Options) =>
    printResult(command, { email: emailArgument(email) }, [line(email, options)])
  eitherWay(command.addOption(reasonOption()), {
    here: (email: string, options: Options, command: CliCommand) =>
      withOperators(command, 'change', async (ctx) => {
        const { id } = namedOf(await listOperators(ctx), email)
        await here(ctx, id, options)
        print(command, email, options)
      }),
    there: async (remote, email: string, options: Options, command: CliCommand) => {
      const { items } = await remote.perform(operations.list)
      const { role, realm, reason } = options
      await remote.perform<z.ZodType>(operation, {
        operator: namedOf(items, email).id,
        role,
        realms: realm,
        reason,
      })
      print(command, email, options)
    },
  })
}

/** Throws `CommandError` where nobody has that address. */
function namedOf<Known extends { id: string; email?: string | null | undefined }>(
  known: Known[],
  email: string,
): Known {
  const address = emailArgument(email)
  const found = known.find((one) => one.email === address)
  if (!found) throw new CommandError(`there is no operator ${email}`)
  return found
}

async function inviteHere(email: string, { role, realm }: Options, command: CliCommand): Promise<void> {
  const { admin, realms } = readConfigFor(command)
  if (!admin) throw new CommandError('there is no console: MANYDOORS_ADMIN_PORT is off')
  const unknown = realm?.find((name) => !realms.some((known) => known.name === name))
  if (unknown !== undefined) throw new CommandError(`there is no realm ${unknown}`)
  const address = emailArgument(email)
  await withOperators(command, 'change', async (ctx) => {
    const token = await inviteOperator(ctx, { email: address, role, realms: realm })
    printInvitation(command, operations.invitationLink(admin.url, token))
  })
}

function printInvitation(command: CliCommand, link: string): void {
  printResult(command, { link }, [
    link,
    '',
    'It is good once, for 30 minutes: open it in the browser that is to sign in.',
  ])
}

function printOperators(command: CliCommand, operators: ReturnType<typeof present>[]): void {
  printResult(command, operators, operators.length > 0 ? operators.map(fieldText) : ['nobody yet'])
}

function present({ id, email, name, role, realms, isDisabled, lastSignInAt }: Operator) {
  return {
    id,
    email,
    name,
    role: role as string,
    realms: realms?.join(','),
    disabled: isDisabled ? 'disabled' : undefined,
    lastSignInAt: timeOf(lastSignInAt ?? null),
  }
}

function presentView(
  view: z.output<typeof operations.list.output>['items'][number],
): ReturnType<typeof present> {
  return {
    id: view.id,
    email: view.email ?? undefined,
    name: view.name,
    role: view.role,
    realms: view.realms?.join(','),
    disabled: view.isDisabled ? 'disabled' : undefined,
    lastSignInAt: view.lastSignInAt ?? undefined,
  }
}
