import { Option } from 'commander'
import { invitationLink } from '../../admin/operations/operators/operators.ts'
import { timeOf } from '../../core/accounts/present.ts'
import type { RealmContext } from '../../core/context.ts'
import { type Role, roles } from '../../core/operators/capabilities.ts'
import { inviteOperator } from '../../core/operators/invitations.ts'
import { OperatorError } from '../../core/operators/operator-error.ts'
import {
  changeRole,
  disableOperator,
  enableOperator,
  listOperators,
  type Operator,
} from '../../core/operators/operators.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import type { Access } from '../opening.ts'
import { emailArgument } from '../terminal/arguments.ts'
import { fieldText, printResult } from '../terminal/print.ts'
import { readConfigFor, withCore } from '../with-core.ts'

interface InviteOptions {
  role: Role
  realm?: string[]
}

const roleOption = () => new Option('--role <role>', 'what they may do').choices(roles).makeOptionMandatory()
const realmOption = () => new Option('--realm <name...>', 'hold them to these realms (all)')

/** `operator …`: who runs this server; also the way back for operators who have lost every way in. */
export function defineCommand(operator: CliCommand): void {
  operator
    .command('list')
    .description('list the operators')
    .action((_options: object, command: CliCommand) =>
      withOperators(command, 'read', async (ctx) => {
        const operators = (await listOperators(ctx)).map(present)
        printResult(command, operators, operators.length > 0 ? operators.map(fieldText) : ['nobody yet'])
      }),
    )
  operator
    .command('invite <email>')
    .description('print a link with which somebody becomes an operator, or an operator makes a new passkey')
    .addOption(roleOption())
    .addOption(realmOption())
    .action(inviteAction)
  operator
    .command('role <email>')
    .description('give an operator another role')
    .addOption(roleOption())
    .addOption(realmOption())
    .action((email: string, { role, realm }: InviteOptions, command: CliCommand) =>
      onOperator(command, email, async (ctx, { id }) => {
        await changeRole(ctx, id, { role, realms: realm })
        return [`${email} is ${role} now`]
      }),
    )
  operator
    .command('disable <email>')
    .description('shut an operator out, and end their sessions')
    .action((email: string, _options: object, command: CliCommand) =>
      onOperator(command, email, async (ctx, { id }) => {
        await disableOperator(ctx, id)
        return [`${email} is shut out; their sessions have ended`]
      }),
    )
  operator
    .command('enable <email>')
    .description('let an operator in again')
    .action((email: string, _options: object, command: CliCommand) =>
      onOperator(command, email, async (ctx, { id }) => {
        await enableOperator(ctx, id)
        return [`${email} can sign in again`]
      }),
    )
}

async function inviteAction(
  email: string,
  { role, realm }: InviteOptions,
  command: CliCommand,
): Promise<void> {
  const { admin, realms } = readConfigFor(command)
  if (!admin) throw new CommandError('there is no console: MANYDOORS_ADMIN_PORT is off')
  const unknown = realm?.find((name) => !realms.some((known) => known.name === name))
  if (unknown !== undefined) throw new CommandError(`there is no realm ${unknown}`)
  const address = emailArgument(email)
  await withOperators(command, 'change', async (ctx) => {
    const token = await inviteOperator(ctx, { email: address, role, realms: realm })
    const link = invitationLink(admin.url, token)
    printResult(command, { link }, [
      link,
      '',
      'It is good once, for 30 minutes: open it in the browser that is to sign in.',
    ])
  })
}

/** Runs a command's work on the realm of the operators; what is refused there is said in words. */
async function withOperators(
  command: CliCommand,
  access: Access,
  work: (ctx: RealmContext) => Promise<void>,
): Promise<void> {
  try {
    await withCore(command, access, ({ operators }) => work({ ...operators, actor: 'cli' }))
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    throw new CommandError(refusals[error.code] ?? error.message)
  }
}

const refusals: Partial<Record<OperatorError['code'], string>> = {
  last_owner: 'this is the last owner: invite another one first',
  conflict: 'nothing was changed: that is how it was already',
}

function onOperator(
  command: CliCommand,
  email: string,
  work: (ctx: RealmContext, operator: Operator) => Promise<string[]>,
): Promise<void> {
  return withOperators(command, 'change', async (ctx) => {
    const address = emailArgument(email)
    const operator = (await listOperators(ctx)).find((known) => known.email === address)
    if (!operator) throw new CommandError(`there is no operator ${email}`)
    const lines = await work(ctx, operator)
    printResult(command, { email: address }, lines)
  })
}

function present({ id, email, name, role, realms, isDisabled, lastSignInAt }: Operator) {
  return {
    id,
    email,
    name,
    role,
    realms: realms?.join(','),
    disabled: isDisabled ? 'disabled' : undefined,
    lastSignInAt: timeOf(lastSignInAt ?? null),
  }
}
