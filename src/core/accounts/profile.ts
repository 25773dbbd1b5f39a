import type { AccountRow } from '../../store/schema.ts'
import { recordEvent } from '../audit/audit.ts'
import type { Context } from '../context.ts'
import { AuthError } from '../errors.ts'
import { limits } from '../limits/limits.ts'
import { asCaller, type Caller } from '../sessions/sessions.ts'
import type { Profile } from './sign-up.ts'

/** A text of an account's profile; `null` where there is none, or something else that another system has put there. */
export function profileText({ profile }: Pick<AccountRow, 'profile'>, name: string): string | null {
  const value: unknown = JSON.parse(profile)[name]
  return typeof value === 'string' ? value : null
}

/** Of a whole profile as JSON, in characters: pages, exports and tokens carry it. */
const maxLength = 16_384
/** Of the names of what has changed, as the audit trail keeps them, in characters. */
const maxDetailLength = 200

/**
 * Changes what the caller's profile says under these names, takes away what is `null`, and leaves the others. Throws
 * `validation_failed` when it would hold more than 16,384 characters, `rate_limited`, and `access_invalid` when the caller's
 * session has ended meanwhile.
 */
export async function changeProfile(ctx: Context, caller: Caller, changes: Profile): Promise<AccountRow> {
  const { account, session } = caller
  await ctx.limiter.consume(limits.profilePerAccount, account.id)
  return asCaller(ctx, caller, async (ctx) => {
    // Of the row that is locked now: another request may have changed it since the caller was read.
    const current = (await ctx.store.accounts.byId(account.id)) ?? account
    const profile = changed(JSON.parse(current.profile), changes)
    checkLength(current, profile)
    const now = ctx.now()
    await ctx.store.accounts.setProfile(account.id, profile, now)
    const detail = namesText(Object.keys(changes))
    await recordEvent(ctx, 'profile.changed', { accountId: account.id, sessionId: session.id, detail })
    return { ...current, profile: JSON.stringify(profile), updated_at: now }
  })
}

function changed(profile: Profile, changes: Profile): Profile {
  return Object.fromEntries(Object.entries({ ...profile, ...changes }).filter(([, value]) => value !== null))
}

/** One that has come from elsewhere may be longer, and then become no longer than it is. */
function checkLength({ profile: before }: AccountRow, profile: Profile): void {
  if (JSON.stringify(profile).length <= Math.max(maxLength, before.length)) return
  const message = `A profile has room for ${maxLength} characters.`
  throw new AuthError('validation_failed', { issues: [{ field: 'profile', message }] })
}

/** Names that somebody has chosen, for one line of the audit trail; no database has a place for every character. */
function namesText(names: string[]): string {
  const text = names.join(' ').slice(0, maxDetailLength)
  return text.toWellFormed().replaceAll(/\p{C}/gu, '\ufffd')
}
