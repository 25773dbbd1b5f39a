import type { AccountRow } from '../../store/schema.ts'
import { recordEvent } from '../audit/audit.ts'
import type { AnyContext, Context } from '../context.ts'
import { AuthError } from '../errors.ts'
import { limits } from '../limits/limits.ts'
import { asCaller, type Caller, type PreparedChange } from '../sessions/sessions.ts'
import type { Profile } from './sign-up.ts'

/** A text of an account's profile; `null` where there is none, or something else that another system has put there. */
export function profileText({ profile }: Pick<AccountRow, 'profile'>, name: string): string | null {
  const value: unknown = JSON.parse(profile)[name]
  return typeof value === 'string' ? value : null
}

/** Of a whole profile or all attributes as JSON, in characters: pages, exports and tokens carry them. */
const maxLength = 16_384
/** Of the names of what has changed, as the audit trail keeps them, in characters. */
const maxDetailLength = 200

/**
 * Changes what the caller's profile says under these names, takes away what is `null`, and leaves the others. Throws
 * `validation_failed` when it would hold more than 16,384 characters, `rate_limited`, and `access_invalid` when the caller's
 * session has ended meanwhile.
 */
export async function changeProfile(ctx: Context, caller: Caller, changes: Profile): Promise<AccountRow> {
  return asCaller(ctx, caller, await prepareProfileChange(ctx, caller, changes))
}

/** Judges a change as `changeProfile` makes it, as far as that can be told before the row is held. Throws as that does. */
export async function prepareProfileChange(
  ctx: Context,
  { account, session }: Caller,
  changes: Profile,
): Promise<PreparedChange> {
  changed(account.profile, changes, 'profile')
  await ctx.limiter.consume(limits.profilePerAccount, account.id)
  return (ctx, account) => changeProfileWithin(ctx, account, { changes, sessionId: session.id })
}

/** Changes a profile as `changeProfile` does, as part of a transaction that holds the account's row as it is given. */
export async function changeProfileWithin(
  ctx: AnyContext,
  account: AccountRow,
  { changes, sessionId }: { changes: Profile; sessionId?: string },
): Promise<AccountRow> {
  const profile = changed(account.profile, changes, 'profile')
  const now = ctx.now()
  await ctx.store.accounts.setProfile(account.id, profile, now)
  const detail = namesText(Object.keys(changes))
  await recordEvent(ctx, 'profile.changed', { accountId: account.id, sessionId, detail })
  return { ...account, profile: JSON.stringify(profile), updated_at: now }
}

/**
 * Changes what the person must not write of an account, as a profile is changed; part of a transaction that holds the
 * account's row as it is given. Throws `validation_failed` where it would be too long.
 */
export async function changeAttributesWithin(
  ctx: AnyContext,
  account: AccountRow,
  changes: Record<string, unknown>,
): Promise<void> {
  const attributes = changed(account.attributes ?? '{}', changes, 'attributes')
  await ctx.store.accounts.setAttributes(account.id, attributes, ctx.now())
  const detail = namesText(Object.keys(changes))
  await recordEvent(ctx, 'attributes.changed', { accountId: account.id, detail })
}

/** What has come from elsewhere may be longer than there is room, and then become no longer than it is. */
function changed(before: string, changes: Profile, field: 'profile' | 'attributes'): Profile {
  const all = Object.entries<unknown>({ ...JSON.parse(before), ...changes })
  const rest = Object.fromEntries(all.filter(([, value]) => value !== null))
  if (JSON.stringify(rest).length <= Math.max(maxLength, before.length)) return rest
  const message = `There is room for ${maxLength} characters.`
  throw new AuthError('validation_failed', { issues: [{ field, message }] })
}

/** Names that somebody has chosen, for one line of the audit trail; no database has a place for every character. */
function namesText(names: string[]): string {
  const text = names.join(' ').slice(0, maxDetailLength)
  return text.toWellFormed().replaceAll(/\p{C}/gu, '\ufffd')
}
