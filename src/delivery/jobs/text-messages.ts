import { languageFor } from '../../core/accounts/language-for.ts'
import type { RealmContext } from '../../core/context.ts'
import type { JobCause, JobPayloads } from '../../core/jobs.ts'
import { issueResetCode } from '../../core/recovery/reset-codes.ts'
import { issuePhoneCode } from '../../core/self-service/phone-change.ts'
import { issueChangeText, issueTextAgain } from '../../core/texted-phone-change/issue.ts'
import { issueSignInText } from '../../core/texted-sign-in/issue.ts'
import { Undeliverable } from '../message.ts'
import type { DeliverySettings, JobHandlers } from './mailer.ts'

/** A code that comes later is of no use, and one that comes in the night frightens. */
const maxCodeDelayMs = 10 * 60_000

/** Jobs that send a code to a number. */
type CodeJob = 'reset-code-sms' | 'sign-in-sms' | 'phone-change-sms' | 'phone-change-new-sms'

/** Sends codes to phones, and tells those that have left an account. */
export function textMessageHandlers(
  settings: DeliverySettings,
): Pick<JobHandlers, CodeJob | 'phone-change-again' | 'phone-changed-sms'> {
  const { sendSms, render } = settings
  return {
    'reset-code-sms': codeHandler(settings, issueResetCode),
    'sign-in-sms': codeHandler(settings, issueSignInText),
    'phone-change-sms': codeHandler(settings, issuePhoneCode),
    'phone-change-new-sms': codeHandler(settings, issueChangeText),
    'phone-change-again': issueTextAgain,
    'phone-changed-sms': async (ctx, { accountId, phone, brand, language }, id) => {
      if (!isAllowed(settings, phone)) return warnOfCountry(ctx, id)
      const account = await ctx.store.accounts.byId(accountId)
      const text = await render.sms('phone-changed', languageFor(account, language), { brand })
      await sendSms({ id, to: phone, text })
    },
  }
}

/** Sends a code that is made when its message is; none where there is nobody to send it to. */
function codeHandler<Payload extends JobPayloads[CodeJob]>(
  settings: DeliverySettings,
  issue: (ctx: RealmContext, payload: Payload) => Promise<string | undefined>,
) {
  const { sendSms, render } = settings
  return async (ctx: RealmContext, payload: Payload & JobCause, id: string) => {
    const { phone, brand, askedAt, language } = payload
    if (ctx.now() - askedAt > maxCodeDelayMs) throw new Undeliverable('the code would come too late')
    if (!isAllowed(settings, phone)) return warnOfCountry(ctx, id)
    const code = await issue(ctx, payload)
    if (code === undefined) return
    const account = await ctx.store.accounts.byPhone(phone)
    const text = await render.sms('reset-code', languageFor(account, language), { brand, code })
    await sendSms({ id, to: phone, text })
  }
}

function isAllowed({ smsPrefixes }: DeliverySettings, phone: string): boolean {
  return smsPrefixes.some((prefix) => phone.startsWith(prefix))
}

function warnOfCountry(ctx: RealmContext, job: string): void {
  ctx.log.warn({ job }, 'no message is sent to this country: SMS_ALLOWED_PREFIXES does not name it')
}
