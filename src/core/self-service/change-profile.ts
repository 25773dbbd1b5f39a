import { recordEvent } from '../audit/audit.ts'
import type { Context, Language } from '../context.ts'
import { limits } from '../limits/limits.ts'
import { asCaller, type Caller } from '../sessions/sessions.ts'

/** The names that a person may set, as profiles keep them for all doors; empty for none. */
export const profileNames = ['name', 'firstName', 'lastName'] as const

export type ProfileName = (typeof profileNames)[number]

export interface ProfileChange {
  names: Record<ProfileName, string>
  language: Language
  /** IANA; `null` for none. */
  timeZone: string | null
}

/** The zones that times can be shown in (IANA). */
export const timeZones: readonly string[] = ['UTC', ...Intl.supportedValuesOf('timeZone')]

/**
 * Sets what the person says of themselves, and how they want to be spoken to; nothing else of the profile changes, and
 * what is as it was leaves no trace. Throws `rate_limited`, and `access_invalid` when the caller's session has ended
 * meanwhile.
 */
export async function changeOwnProfile(ctx: Context, caller: Caller, change: ProfileChange): Promise<void> {
  const { account, session } = caller
  await ctx.limiter.consume(limits.profilePerAccount, account.id)
  return asCaller(ctx, caller, async (ctx, current) => {
    const profile: Record<string, unknown> = JSON.parse(current.profile)
    const changed: string[] = profileNames.filter((name) => (profile[name] ?? '') !== change.names[name])
    for (const name of profileNames) {
      if (change.names[name] === '') delete profile[name]
      else profile[name] = change.names[name]
    }
    if (changed.length > 0) await ctx.store.accounts.setProfile(account.id, profile, ctx.now())
    if (current.language !== change.language) changed.push('language')
    if (current.time_zone !== change.timeZone) changed.push('time_zone')
    if (changed.length === 0) return
    const preferences = { language: change.language, time_zone: change.timeZone }
    await ctx.store.accounts.setPreferences(account.id, preferences, ctx.now())
    const detail = changed.join(' ')
    await recordEvent(ctx, 'profile.changed', { accountId: account.id, sessionId: session.id, detail })
  })
}
