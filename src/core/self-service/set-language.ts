import type { Context, Language } from '../context.ts'
import type { Caller } from '../sessions/sessions.ts'

/** Has the pages of an account, and the mails to it, speak a language. */
export async function setLanguage(ctx: Context, { account }: Caller, language: Language): Promise<void> {
  await ctx.store.accounts.setPreferences(account.id, { language }, ctx.now())
}
