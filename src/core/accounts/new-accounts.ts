import type { AccountRow } from '../../store/schema.ts'
import type { NewAccount } from '../../store/tables/accounts/accounts.ts'
import { recordEvent } from '../audit/audit.ts'
import type { AnyContext, RealmContext } from '../context.ts'
import { AuthError } from '../errors.ts'

/** What a new account starts with, beside its id and the door that it is created through. */
export type NewAccountFields = Omit<NewAccount, 'id' | 'signed_up_through'>

/** Creates an account; `undefined` when one of its names is taken. Part of a transaction. */
export async function createAccount(
  ctx: AnyContext,
  fields: NewAccountFields,
): Promise<AccountRow | undefined> {
  const account = { ...fields, id: ctx.newId(), signed_up_through: ctx.door?.dialect }
  const created = await ctx.store.accounts.create(account, ctx.now())
  if (created) await recordEvent(ctx, 'account.created', { accountId: created.id })
  return created
}

/** Creates an account. Part of a transaction. Throws `username_taken`, `email_taken`, `phone_taken`. */
export async function createUntaken(ctx: AnyContext, fields: NewAccountFields): Promise<AccountRow> {
  return (await createAccount(ctx, fields)) ?? refuseTaken(ctx, fields)
}

/** Says which of the names of a new account is taken. */
async function refuseTaken(ctx: RealmContext, { username, email }: NewAccountFields): Promise<never> {
  const { accounts } = ctx.store
  if (username !== undefined && (await accounts.byUsername(username))) throw new AuthError('username_taken')
  if (email !== undefined && (await accounts.byEmail(email))) throw new AuthError('email_taken')
  throw new AuthError('phone_taken')
}
