import { Option } from 'commander'
import { accountNamed } from '../core/accounts/admin.ts'
import type { RealmContext } from '../core/context.ts'
import type { Core } from '../server/core.ts'
import type { AccountRow } from '../store/schema.ts'
import type { CliCommand } from './cli-command.ts'
import { CommandError } from './failure.ts'
import { realmNamed, withCore, withCoreToRead } from './with-core.ts'

/** `--realm`, for commands that work on one population of accounts. */
export function realmOption(): Option {
  return new Option('--realm <name>', 'the population of accounts (the only one, or main)')
}

/**
 * Runs a command's work on the realm that its options name. What it changes is written to the audit trail as done by
 * `cli`.
 */
export function withRealm<T>(command: CliCommand, work: (ctx: RealmContext) => Promise<T>): Promise<T> {
  return withCore(command, (core) => work({ ...realmOf(core, command), actor: 'cli' }))
}

/**
 * Runs work that only reads on the realm that the command names: nothing is made, but for a line of the audit trail that
 * says who has read. Throws `CommandError` where there is nothing to read yet.
 */
export function withRealmToRead<T>(command: CliCommand, work: (ctx: RealmContext) => Promise<T>): Promise<T> {
  return withCoreToRead(command, (core) => work({ ...realmOf(core, command), actor: 'cli' }))
}

function realmOf(core: Core, command: CliCommand): RealmContext {
  const { realm } = command.optsWithGlobals<{ realm?: string }>()
  const [only, ...others] = core.realms.values()
  return realm === undefined && only && others.length === 0 ? only : realmNamed(core, realm ?? 'main')
}

/** The account of that id, e-mail address, user name or phone number. Throws `CommandError` when there is none. */
async function accountOf(ctx: RealmContext, name: string): Promise<AccountRow> {
  const account = await accountNamed(ctx, name)
  if (!account) throw new CommandError(`realm ${ctx.realm.name} has no account ${name}`)
  return account
}

/** What a command does with the account that its argument names. */
type AccountWork<Options> = (
  ctx: RealmContext,
  account: AccountRow,
  given: { options: Options; command: CliCommand },
) => Promise<void>

type AccountAction<Options> = (name: string, options: Options, command: CliCommand) => Promise<void>

/** The action of a command that may change the account that is its argument, as `withRealm` runs it. */
export function onAccount<Options = object>(work: AccountWork<Options>): AccountAction<Options> {
  return (name, options, command) =>
    withRealm(command, async (ctx) => work(ctx, await accountOf(ctx, name), { options, command }))
}

/** The action of a command that only reads the account that is its argument, as `withRealmToRead` runs it. */
export function onAccountToRead<Options = object>(work: AccountWork<Options>): AccountAction<Options> {
  return (name, options, command) =>
    withRealmToRead(command, async (ctx) => work(ctx, await accountOf(ctx, name), { options, command }))
}
