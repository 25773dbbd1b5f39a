import { identifierKey } from '../accounts/identifiers.ts'
import { countryPrefix } from '../accounts/phones.ts'
import type { ClientRef } from '../clients/client.ts'
import type { RealmContext, RequestContext } from '../context.ts'
import { consumePerIp, tryConsumePerAccount } from './account-limits.ts'
import { limits } from './limits.ts'

/**
 * Counts a text message that the caller wants sent to a number. Returns whether it is a spare one, for when strangers have
 * used up the others: its code is valid from everywhere, so whoever is refused has been sent one a moment ago. Throws
 * `rate_limited`.
 */
export async function consumeText(ctx: RequestContext, phone: string): Promise<boolean> {
  const key = identifierKey({ phone })
  await consumePerIp(ctx, [{ rule: limits.smsPerIp }, { rule: limits.smsPerNumberAndIp, key }])
  const use = { rule: limits.smsPerNumber, ruleAtKnown: limits.smsPerNumberAtKnownIps, key }
  const { counted } = await tryConsumePerAccount(ctx, use, () => ctx.store.accounts.byPhone(phone))
  if (counted) return false
  await ctx.limiter.consume(limits.spareSmsPerNumber, key)
  return true
}

/** Counts a text message that is about to be sent. Throws `rate_limited` when the client or the country has been sent too many. */
export async function consumeSentText(
  { limiter }: RealmContext,
  phone: string,
  { dialect, clientId }: ClientRef,
): Promise<void> {
  await limiter.consume(limits.smsPerClient, `${dialect} ${clientId}`)
  await limiter.consume(limits.smsPerCountry, countryPrefix(phone))
}
