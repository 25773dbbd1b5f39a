import { languageFor } from '../../core/accounts/language-for.ts'
import { isProven, withOwnNames } from '../../core/accounts/proven-names.ts'
import { issueConfirmation, issueVerification } from '../../core/accounts/verification.ts'
import type { Language, RealmContext } from '../../core/context.ts'
import type { JobCause, JobPayloads, OwnerNotice, SecurityNotice } from '../../core/jobs.ts'
import { operatorsRealm } from '../../core/operators/realm-name.ts'
import { issueReset } from '../../core/recovery/by-mail.ts'
import { issueReauthentication } from '../../core/self-service/reauthentication.ts'
import { mailAddress, mailText } from '../../core/text/mail-text.ts'
import { dateText, timeText } from '../../core/text/time-text.ts'
import type { AccountRow } from '../../store/schema.ts'
import type { MessageName } from '../samples.ts'
import { logoutTokenHandlers } from './logout-tokens.ts'
import {
  type DeliverySettings,
  deviceText,
  type JobHandlers,
  linksIn,
  type Mailer,
  mailer,
} from './mailer.ts'
import { nameChangeHandlers } from './name-changes.ts'
import type { SeenAttempt } from './observed.ts'
import { signInMailHandlers } from './sign-in-mails.ts'
import { textMessageHandlers } from './text-messages.ts'
import { webhookHandlers } from './webhooks.ts'

/** Sends the messages, and tells clients. A secret is made when its message is, so a second attempt carries a fresh one. */
export function jobHandlers(
  settings: DeliverySettings & {
    /** Receives how each attempt at an endpoint of webhooks has ended. */
    onWebhook: (seen: SeenAttempt) => void
  },
): JobHandlers {
  const mail = mailer(settings)
  return {
    ...verificationHandlers(mail),
    ...nameChangeHandlers(mail),
    ...signInMailHandlers(settings),
    ...textMessageHandlers(settings),
    ...logoutTokenHandlers,
    ...webhookHandlers(settings.onWebhook),
    'reset-password-mail': resetMailHandler(settings),
    'account-exists-mail': async (ctx, { email, brand, language }, id) => {
      const account = await ctx.store.accounts.byEmail(email)
      await mail(
        'account-exists',
        { id, language: languageFor(account, language) },
        { brand, email, ...linksIn(ctx) },
      )
    },
    'account-taken-over-mail': toOwner(mail, 'account-taken-over'),
    'password-changed-mail': toOwner(mail, 'password-changed'),
    'reauthentication-mail': async (ctx, payload, id) => {
      const { accountId, email, brand } = payload
      const issued = await issueReauthentication(ctx, payload)
      if (!issued) return
      const language = languageFor(await ctx.store.accounts.byId(accountId), payload.language)
      const { resetLink } = linksIn(ctx)
      await mail('reauthentication', { id, language }, { brand, email, ...issued, resetLink })
    },
    'recovery-code-used-mail': toOwner(mail, 'recovery-code-used'),
    'second-factor-removed-mail': toOwner(mail, 'second-factor-removed'),
    'second-factor-set-mail': toOwner(mail, 'second-factor-set'),
    'session-reuse-mail': toOwner(mail, 'session-reuse'),
    'security-mail': (ctx, payload, id) => toOwner(mail, payload.notice)(ctx, payload, id),
  }
}

/** A notice as any release has written it: that of one before may not say when, where and on what. */
type AnyNotice = Pick<SecurityNotice, 'accountId' | 'brand'> &
  Partial<SecurityNotice> &
  JobCause & { isByOperator?: boolean; othersLeft?: boolean; values?: Record<string, string> }

/** What an owner can be told; what is told to operators alone has one template. */
type OwnersMail = Exclude<MessageName, 'operator-notice'> | OwnerNotice

/** Tells the account what was done to it, if it has an e-mail address. */
function toOwner(mail: Mailer, name: OwnersMail) {
  return async (ctx: RealmContext, payload: AnyNotice, id: string) => {
    const account = await ctx.store.accounts.byId(payload.accountId)
    if (!account?.email) return
    const language = languageFor(account, payload.language)
    const told = presentNotice(payload, account, language)
    const { brand } = payload
    const { email } = account
    // They have no password to be set anew, and another page.
    if (ctx.realm.name === operatorsRealm) {
      const consoleLink = `${ctx.publicUrl}/admin/access`
      await mail('operator-notice', { id, language }, { ...told, what: name, consoleLink, brand, email })
      return
    }
    if (name === 'operator-invited') return
    await mail(name, { id, language }, { ...told, ...linksIn(ctx), brand, email })
  }
}

/** When something was done, and by whom; a user agent says of itself what its maker wants. */
function presentNotice(payload: AnyNotice, account: AccountRow, language: Language) {
  const { at, ip, device, isByOperator: byOperator, othersLeft, values = {} } = payload
  // Whoever reads mails at an unproven address does not learn from where the account is used, nor where its owner lives.
  const isOwn = withOwnNames(account).email !== null
  const zone = isOwn ? account.time_zone : null
  const told = {
    ...presentValues(values, language, zone),
    time: at === undefined ? undefined : timeText(at, language, zone),
    byOperator,
    othersLeft,
  }
  if (!isOwn) return told
  return { ...told, ip, device: deviceText(device) }
}

/** What somebody has chosen as a name comes as a mail may show it, and `dueAt` as the day that it is. */
function presentValues(values: Record<string, string>, language: Language, zone: string | null) {
  const { dueAt, ...names } = values
  const shown = Object.entries(names).map(([key, name]) => [key, mailText(name)])
  return {
    ...Object.fromEntries(shown),
    dueOn: dueAt === undefined ? undefined : dateText(Number(dueAt), language, zone),
  }
}

function resetMailHandler({ sendMail, render }: DeliverySettings): JobHandlers['reset-password-mail'] {
  return async (ctx, payload, id) => {
    const { brand, email, lifetimeSeconds } = payload
    const language = languageFor(await ctx.store.accounts.byEmail(email), payload.language)
    const secret = await issueReset(ctx, payload)
    const link = payload.link.replace('{token}', secret?.token ?? '')
    // Written even if there is nobody to send it to, so that the job takes as long.
    const written = await render.mail('reset-password', language, {
      brand,
      email: mailAddress(email),
      link,
      code: secret?.code,
      minutes: lifetimeSeconds / 60,
    })
    if (secret) await sendMail({ id, to: email, ...written })
  }
}

function verificationHandlers(
  mail: Mailer,
): Pick<JobHandlers, 'verify-email-mail' | 'activate-account-mail'> {
  const verification: JobHandlers['verify-email-mail'] = async (ctx, payload, id) => {
    const { brand, email } = payload
    const language = languageFor(await ctx.store.accounts.byEmail(email), payload.language)
    const token = await issueVerification(ctx, payload)
    const link = payload.link.replace('{token}', token)
    await mail('verify-email', { id, language }, { brand, email, link })
  }

  return {
    'verify-email-mail': async (ctx, payload, id) => {
      const { brand, email } = payload
      const account = await ctx.store.accounts.byEmail(email)
      const language = languageFor(account, payload.language)
      if (account && account.email_verified_at !== null)
        await mail('account-exists', { id, language }, { brand, email, ...linksIn(ctx) })
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
  const { brand, email } = payload
  const language = languageFor(account, payload.language)
  const { token, code } = await issueConfirmation(ctx, account, payload)
  const link = payload.link.replace('{token}', token)
  const page = `${ctx.publicUrl}/ui/verify-email?token=${token}`
  const isPlainReset = link !== page && ctx.realm.unprovenRecovery !== 'never'
  const signUp = {
    // There whoever did not sign up makes the account theirs; else a new password does that.
    claimLink: isPlainReset ? undefined : page,
    time: timeText(account.created_at, language),
    username: account.username === null ? undefined : mailText(account.username),
  }
  await mail('verify-email', { id, language }, { brand, email, link, code, signUp })
}
