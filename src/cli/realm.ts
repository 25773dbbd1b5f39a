import { Option } from 'commander'
import { accountNamed } from '../core/accounts/admin.ts'
import type { RealmContext } from '../core/context.ts'
import type { Core } from '../server/core.ts'
import type { AccountRow } from '../store/schema.ts'
import type { CliCommand } from './cli-command.ts'
import { CommandError } from './failure.ts'
import type { Access } from './opening.ts'
import { realmNamed, withCore } from './with-core.ts'

/** `--realm`, for commands that work on one population of accounts. */
export function realmOption(): Option {
  return new Option('--realm <name>', 'the population of accounts (the only one, or main)')
}

/** Runs a command's work on the realm that its options name, as `withCore` does; the audit trail has it as `cli`, with their reason. */
export function withRealm<T>(
  command: CliCommand,
  access: Access,
  work: (ctx: RealmContext) => Promise<T>,
): Promise<T> {
  return withCore(command, access, (core) => work(contextIn(core, command)))
}

/** As `withRealm`, with the context of what concerns no single realm besides: its trail is that of the operators. */
export function withRealmAndServer<T>(
  command: CliCommand,
  access: Access,
  work: (contexts: { realm: RealmContext; server: RealmContext }) => Promise<T>,
): Promise<T> {
  return withCore(command, access, (core) =>
    work({ realm: contextIn(core, command), server: asCommand(command, core.operators) }),
  )
}

function contextIn(core: Core, command: CliCommand): RealmContext {
  const { realm } = command.optsWithGlobals<{ realm?: string }>()
  const [only, ...others] = core.realms.values()
  const isOnly = realm === undefined && only && others.length === 0
  return asCommand(command, isOnly ? only : realmNamed(core, realm ?? 'main'))
}

/** A context for the work of a command, as the audit trail is to have it. */
export function asCommand(command: CliCommand, ctx: RealmContext): RealmContext {
  const { reason: note } = command.opts<{ reason?: string }>()
  return { ...ctx, actor: 'cli', ...(note !== undefined && { note }) }
}

/** The account of that id, e-mail address, user name or phone number. Throws `CommandError` when there is none. */
async function accountOf(ctx: RealmContext, name: string): Promise<AccountRow> {
  const account = await accountNamed(ctx, name)
  if (!account) throw new CommandError(`realm ${ctx.realm.name} has no account ${name}`)
  return account
}

/** The action of a command that works on the account that is its argument, as `withRealm` runs it. */
export function onAccount<Options = object>(
  access: Access,
  work: (
    ctx: RealmContext,
    account: AccountRow,
    given: { options: Options; command: CliCommand },
  ) => Promise<void>,
) {
  return (name: string, options: Options, command: CliCommand): Promise<void> =>
    withRealm(command, access, async (ctx) => work(ctx, await accountOf(ctx, name), { options, command }))
}
