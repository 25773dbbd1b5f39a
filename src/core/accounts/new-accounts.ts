import type { AccountRow } from '../../store/schema.ts'
import type { NewAccount } from '../../store/tables/accounts/accounts.ts'
import { recordEvent } from '../audit/audit.ts'
import type { AnyContext, RealmContext } from '../context.ts'
import { AuthError } from '../errors.ts'

/** What a new account starts with, beside the door that it is created through; its id is made, where none is given. */
export type NewAccountFields = Omit<NewAccount, 'id' | 'signed_up_through'> & { id?: string }

/** Creates an account; `undefined` when its id or one of its names is taken. Part of a transaction. */
export async function createAccount(
  ctx: AnyContext,
  fields: NewAccountFields,
): Promise<AccountRow | undefined> {
  // Whoever acts for another is no sign-up.
  const signed_up_through = ctx.actor === undefined ? ctx.door?.dialect : undefined
  const account = { ...fields, id: fields.id ?? ctx.newId(), signed_up_through }
  const created = await ctx.store.accounts.create(account, ctx.now())
  if (created) await recordEvent(ctx, 'account.created', { accountId: created.id })
  return created
}

/** Creates an account. Part of a transaction. Throws `username_taken`, `email_taken`, `phone_taken`, and `validation_failed` for an id that is taken. */
export async function createUntaken(ctx: AnyContext, fields: NewAccountFields): Promise<AccountRow> {
  return (await createAccount(ctx, fields)) ?? refuseTaken(ctx, fields)
}

/** Says which of the names of a new account is taken. */
async function refuseTaken(
  ctx: RealmContext,
  { id, username, email, phone }: NewAccountFields,
): Promise<never> {
  const { accounts } = ctx.store
  if (username !== undefined && (await accounts.byUsername(username))) throw new AuthError('username_taken')
  if (email !== undefined && (await accounts.byEmail(email))) throw new AuthError('email_taken')
  if (id === undefined || (phone !== undefined && (await accounts.byPhone(phone))))
    throw new AuthError('phone_taken')
  const message = 'Another account has this id.'
  throw new AuthError('validation_failed', { issues: [{ field: 'id', message }] })
}
