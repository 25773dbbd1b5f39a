import { foldUsername } from '../../lib/fold-username.ts'
import type { AccountRow } from '../../store/schema.ts'
import { foldEmail } from '../accounts/emails.ts'
import type { Identifier } from '../accounts/identifiers.ts'
import { createAccount } from '../accounts/new-accounts.ts'
import { recordEvent } from '../audit/audit.ts'
import { type RequestContext, stopClock, transaction } from '../context.ts'
import { namesIn } from './profile-names.ts'
import type { UpstreamProfile } from './upstream.ts'

/**
 * Creates the account of somebody whom the old server knows by what was typed, with that password. Its address and
 * its number are proven where the old server says so. `undefined` where the old server does not say who it is, or another account has a name
 * of theirs.
 */
export function createKnown(
  ctx: RequestContext,
  identifier: Identifier,
  { hash, profile }: { hash: string; profile: UpstreamProfile },
): Promise<AccountRow | undefined> {
  if (!isNamed(profile, identifier)) return Promise.resolve(undefined)
  const { username, phone, emailVerified, phoneVerified } = profile
  const email = profile.email === undefined ? undefined : foldEmail(profile.email)
  return transaction(stopClock(ctx), async (ctx) => {
    const now = ctx.now()
    const proven = {
      ...(emailVerified && email !== undefined && { email_verified_at: now }),
      ...(phoneVerified && phone !== undefined && { phone_verified_at: now }),
    }
    const fields = { email, username, phone, password_hash: hash, profile: namesIn(profile), ...proven }
    const account = await createAccount(ctx, fields)
    if (!account) return undefined
    const { id: account_id } = account
    await recordEvent(ctx, 'password.settled', { accountId: account_id })
    if (profile.id !== undefined && ctx.door) {
      const link = { source: ctx.door.dialect, source_id: profile.id, account_id, run_id: null, place: null }
      await ctx.store.legacyLinks.add([{ ...link, created_account: 1, linked_at: now }])
    }
    return account
  })
}

/** Whether what was typed is the name of whom the old server speaks of. */
function isNamed({ email, username, phone }: UpstreamProfile, typed: Identifier): boolean {
  if ('email' in typed) return email !== undefined && foldEmail(email) === foldEmail(typed.email)
  if ('phone' in typed) return phone === typed.phone
  return username !== undefined && foldUsername(username) === foldUsername(typed.username)
}
