import { isProven, withOwnNames } from '../../core/accounts/proven-names.ts'
import { issueConfirmation, issueVerification } from '../../core/accounts/verification.ts'
import type { Brand } from '../../core/clients/client.ts'
import type { RealmContext } from '../../core/context.ts'
import type { JobCause, JobKind, JobPayloads, SecurityNotice } from '../../core/jobs.ts'
import { issueReset } from '../../core/recovery/by-mail.ts'
import { issueResetCode } from '../../core/recovery/reset-codes.ts'
import { issueEmailChange } from '../../core/self-service/email-change.ts'
import { issueUndo } from '../../core/self-service/names-undo.ts'
import { issuePhoneCode } from '../../core/self-service/phone-change.ts'
import { mailAddress, mailText } from '../../core/text/mail-text.ts'
import { timeText } from '../../core/text/time-text.ts'
import type { AccountRow } from '../../store/schema.ts'
import { type Transports, Undeliverable } from '../message.ts'
import type { MessageRenderer } from '../render.ts'
import type { MessageName } from '../samples.ts'

/** Does what a job asks for. Throws to be tried again. */
export type JobHandlers = {
  [K in JobKind]: (ctx: RealmContext, payload: JobPayloads[K] & JobCause, jobId: string) => Promise<void>
}

export interface DeliverySettings extends Transports {
  render: MessageRenderer
  /** Prefixes of the numbers that messages may be sent to; `+` alone allows all. */
  smsPrefixes: string[]
}

/** What a mail is sent for. */
interface Cause extends JobCause {
  /** Of the job. */
  id: string
}

interface MailData extends Record<string, unknown> {
  brand: Brand
  /** Where it goes. */
  email: string
}

/** A code that comes later is of no use, and one that comes in the night frightens. */
const maxCodeDelayMs = 10 * 60_000

/** Sends the messages. A secret is made when its message is, so a second attempt carries a fresh one. */
export function jobHandlers(settings: DeliverySettings): JobHandlers {
  const mail = mailer(settings)
  return {
    ...verificationHandlers(mail),
    ...nameChangeHandlers(mail, settings),
    'reset-password-mail': resetMailHandler(settings),
    'account-exists-mail': (_ctx, { email, brand, language }, id) =>
      mail('account-exists', { id, language }, { brand, email }),
    'account-taken-over-mail': toOwner(mail, 'account-taken-over'),
    'password-changed-mail': toOwner(mail, 'password-changed'),
    'recovery-code-used-mail': toOwner(mail, 'recovery-code-used', presentNotice),
    'second-factor-removed-mail': toOwner(mail, 'second-factor-removed', presentNotice),
    'second-factor-set-mail': toOwner(mail, 'second-factor-set', presentNotice),
    'session-reuse-mail': toOwner(mail, 'session-reuse'),
    'security-mail': (ctx, payload, id) => toOwner(mail, payload.notice, presentNotice)(ctx, payload, id),
    'reset-code-sms': resetCodeHandler(settings),
  }
}

type Mailer = (name: MessageName, cause: Cause, data: MailData) => Promise<void>

function mailer({ sendMail, render }: DeliverySettings): Mailer {
  return async (name, { id, language = 'en' }, data) => {
    const shown = { ...data, email: mailAddress(data.email) }
    await sendMail({ id, to: data.email, ...(await render.mail(name, language, shown)) })
  }
}

/** Sends a mail to the account, if it has an e-mail address. */
function toOwner<Payload extends { accountId: string; brand: Brand } & JobCause>(
  mail: Mailer,
  name: MessageName,
  present?: (payload: Payload, account: AccountRow) => object,
) {
  return async (ctx: RealmContext, payload: Payload, id: string) => {
    const { accountId, brand, language } = payload
    const account = await ctx.store.accounts.byId(accountId)
    if (!account?.email) return
    await mail(name, { id, language }, { ...present?.(payload, account), brand, email: account.email })
  }
}

/** When something was done, and by whom; a user agent says of itself what its maker wants. */
function presentNotice(
  payload: SecurityNotice & { isByOperator?: boolean; values?: Record<string, string> } & JobCause,
  account: AccountRow,
) {
  const { at, ip, device, isByOperator: byOperator, values, language = 'en' } = payload
  const time = timeText(at, language)
  // Whoever reads mails at an unproven address does not learn from where the account is used.
  if (withOwnNames(account).email === null) return { ...values, time, byOperator }
  return { ...values, time, byOperator, ip, device: deviceText(device) }
}

function deviceText(device: SecurityNotice['device']): string | undefined {
  const names = [device?.browser, device?.os].flatMap((name) => mailText(name ?? '') ?? [])
  return names.join(', ') || undefined
}

function nameChangeHandlers(
  mail: Mailer,
  settings: DeliverySettings,
): Pick<JobHandlers, 'email-change-mail' | 'name-notice-mail' | 'phone-change-sms' | 'phone-changed-sms'> {
  const { sendSms, render } = settings
  return {
    'email-change-mail': async (ctx, payload, id) => {
      const { brand, email, language } = payload
      const issued = await issueEmailChange(ctx, payload)
      if (issued === undefined) return
      if (issued === 'taken') return mail('account-exists', { id, language }, { brand, email })
      const link = payload.link.replace('{token}', issued.token)
      await mail('email-change', { id, language }, { brand, email, link })
    },
    'name-notice-mail': async (ctx, payload, id) => {
      const { notice, email, brand, at, ip, device, values, changeId, language = 'en' } = payload
      const token = changeId === undefined ? undefined : await issueUndo(ctx, changeId)
      const told = { ...values, time: timeText(at, language), ip, device: deviceText(device) }
      const link = token === undefined ? undefined : `${ctx.publicUrl}/ui/undo-change?token=${token}`
      await mail(notice, { id, language }, { brand, email, ...told, link })
    },
    'phone-change-sms': async (ctx, payload, id) => {
      const { phone, brand, language = 'en', askedAt } = payload
      if (ctx.now() - askedAt > maxCodeDelayMs) throw new Undeliverable('the code would come too late')
      if (!isAllowed(settings, phone)) return warnOfCountry(ctx, id)
      const code = await issuePhoneCode(ctx, payload)
      if (code !== undefined)
        await sendSms({ id, to: phone, text: await render.sms('reset-code', language, { brand, code }) })
    },
    'phone-changed-sms': async (ctx, { phone, brand, language = 'en' }, id) => {
      if (!isAllowed(settings, phone)) return warnOfCountry(ctx, id)
      await sendSms({ id, to: phone, text: await render.sms('phone-changed', language, { brand }) })
    },
  }
}

function isAllowed({ smsPrefixes }: DeliverySettings, phone: string): boolean {
  return smsPrefixes.some((prefix) => phone.startsWith(prefix))
}

function warnOfCountry(ctx: RealmContext, job: string): void {
  ctx.log.warn({ job }, 'no message is sent to this country: SMS_ALLOWED_PREFIXES does not name it')
}

function resetMailHandler({ sendMail, render }: DeliverySettings): JobHandlers['reset-password-mail'] {
  return async (ctx, payload, id) => {
    const { brand, email, language = 'en', lifetimeSeconds } = payload
    const token = await issueReset(ctx, payload)
    const link = payload.link.replace('{token}', token ?? '')
    // Written even if there is nobody to send it to, so that the job takes as long.
    const written = await render.mail('reset-password', language, {
      brand,
      email: mailAddress(email),
      link,
      minutes: lifetimeSeconds / 60,
    })
    if (token !== undefined) await sendMail({ id, to: email, ...written })
  }
}

function verificationHandlers(
  mail: Mailer,
): Pick<JobHandlers, 'verify-email-mail' | 'activate-account-mail'> {
  const verification: JobHandlers['verify-email-mail'] = async (ctx, payload, id) => {
    const { brand, email, language } = payload
    const token = await issueVerification(ctx, payload)
    const link = payload.link.replace('{token}', token)
    await mail('verify-email', { id, language }, { brand, email, link })
  }

  return {
    'verify-email-mail': async (ctx, payload, id) => {
      const { brand, email, language } = payload
      const account = await ctx.store.accounts.byEmail(email)
      if (account && account.email_verified_at !== null)
        await mail('account-exists', { id, language }, { brand, email })
      else await verification(ctx, payload, id)
    },
    'activate-account-mail': async (ctx, payload, id) => {
      const account = await ctx.store.accounts.byEmail(payload.email)
      if (!account || account.email_verified_at !== null) return
      const isOwnSignUp = account.signed_up_through === payload.dialect && !isProven(account)
      if (isOwnSignUp) return confirmSignUp(mail, ctx, payload, { id, account })
      // Whoever has opened the account elsewhere shows on our page that it is theirs.
      await verification(ctx, { ...payload, link: `${ctx.publicUrl}/ui/verify-email?token={token}` }, id)
    },
  }
}

/** The sign-up's own mail says which sign-up it is, as its link confirms all that came with it. */
async function confirmSignUp(
  mail: Mailer,
  ctx: RealmContext,
  payload: JobPayloads['activate-account-mail'] & JobCause,
  { id, account }: { id: string; account: AccountRow },
): Promise<void> {
  const { brand, email, language = 'en' } = payload
  const token = await issueConfirmation(ctx, account, payload)
  const link = payload.link.replace('{token}', token)
  const page = `${ctx.publicUrl}/ui/verify-email?token=${token}`
  const isPlainReset = link !== page && ctx.realm.unprovenRecovery !== 'never'
  const signUp = {
    // There whoever did not sign up makes the account theirs; else a new password does that.
    claimLink: isPlainReset ? undefined : page,
    time: timeText(account.created_at, language),
    username: account.username === null ? undefined : mailText(account.username),
  }
  await mail('verify-email', { id, language }, { brand, email, link, signUp })
}

function resetCodeHandler(settings: DeliverySettings): JobHandlers['reset-code-sms'] {
  const { sendSms, render } = settings
  return async (ctx, payload, id) => {
    const { phone, brand, language = 'en', askedAt } = payload
    if (ctx.now() - askedAt > maxCodeDelayMs) throw new Undeliverable('the code would come too late')
    if (!isAllowed(settings, phone)) return warnOfCountry(ctx, id)
    const code = await issueResetCode(ctx, payload)
    if (code !== undefined)
      await sendSms({ id, to: phone, text: await render.sms('reset-code', language, { brand, code }) })
  }
}
