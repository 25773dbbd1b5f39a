import type { Brand } from './clients/client.ts'
import type { AnyContext, Device, Language } from './context.ts'
import type { MailWish } from './recovery/mailed-codes.ts'

/** Of a mail that tells the owner of an account what was done to it, by whom and when. */
export interface SecurityNotice {
  accountId: string
  brand: Brand
  /** Epoch milliseconds. */
  at: number
  /** Of whoever did it; not known where an operator did. */
  ip?: string
  device?: Device
}

/** What an owner is told of, beside what has a mail of its own; each is the name of a message. */
export type OwnerNotice =
  | 'deletion-begun'
  | 'deletion-stopped'
  | 'identity-connected'
  | 'identity-disconnected'
  | 'new-device'
  | 'operator-invited'
  | 'passkey-added'
  | 'passkey-clone-suspected'
  | 'passkey-removed'
  | 'recovery-codes-replaced'
  | 'username-changed'

/** What was done to the e-mail address or the number of an account, as those are told who had it before. */
export type NameNotice = 'email-changed' | 'phone-changed' | 'change-undone'

/** A mail with a link, which holds `{token}` where the secret belongs: that is made when the mail is. */
interface LinkMail extends MailWish {
  email: string
  link: string
  dialect: string
  clientId: string
  brand: Brand
}

/** A text message with a code that anybody may ask for. */
export interface CodeText {
  /** E.164. */
  phone: string
  dialect: string
  clientId: string
  brand: Brand
  /** Epoch milliseconds. */
  askedAt: number
  /** From where it was asked for, as a MAC. */
  place: string
  /** The code is to be good from everywhere. */
  isSpare?: boolean
}

/** What may be asked of the job worker; no job carries a secret. */
export interface JobPayloads {
  'reset-password-mail': LinkMail & {
    /** Of the ticket. */
    lifetimeSeconds: number
    /** Epoch milliseconds. */
    askedAt: number
  }
  'verify-email-mail': LinkMail
  /** A mail that proves an address for an account that is there already, and for nobody else. */
  'activate-account-mail': LinkMail
  /** A mail that signs in whoever reads it, and opens the account where nobody has the address and they may. */
  'sign-in-mail': LinkMail & {
    opensAccount: boolean
    /** Of the account that it opens. */
    profile?: Record<string, unknown>
    /** Epoch milliseconds. */
    askedAt: number
  }
  /** To whom an operator has opened an account for. */
  'invitation-mail': LinkMail & { accountId: string }
  'account-exists-mail': { email: string; brand: Brand }
  'reset-code-sms': CodeText
  /** A code that signs in whoever reads it, and opens the account where nobody has the number and they may. */
  'sign-in-sms': CodeText & {
    opensAccount: boolean
    /** Of the account that it opens. */
    profile?: Record<string, unknown> | undefined
    /** As an earlier message was asked for, where its code is good still. */
    isRepeated?: boolean
  }
  /** To an address that an account is to have, if it may. */
  'email-change-mail': LinkMail & { accountId: string }
  /** To one of the two mailboxes that confirm another address of an account. */
  'email-change-half-mail': LinkMail & { accountId: string; half: 'new' | 'current'; newEmail: string }
  /** The mails of a pending change of address once more; `email` is the address that the account has. */
  'email-change-again': LinkMail
  /** A code by which whoever is signed in shows who is there. */
  'reauthentication-mail': { accountId: string; email: string; brand: Brand }
  /** To an address that an account has had, or still has. */
  'name-notice-mail': SecurityNotice & {
    notice: NameNotice
    email: string
    /** What the name is now, so that only who knows it recognizes it. */
    values?: Record<string, string>
    /** The change that the link of the mail undoes. */
    changeId?: string
  }
  /** A code to a number that an account is to have, if it may. */
  'phone-change-sms': {
    accountId: string
    /** E.164. */
    phone: string
    brand: Brand
    /** Epoch milliseconds. */
    askedAt: number
  }
  /** As `phone-change-sms`, where whoever types the code need not be signed in. */
  'phone-change-new-sms': CodeText & { accountId: string }
  /** The message of a pending change of number once more; `phone` is the one that the account has, or is to have. */
  'phone-change-again': CodeText
  /** To a number that an account has had. */
  'phone-changed-sms': { accountId: string; phone: string; brand: Brand }
  'account-taken-over-mail': SecurityNotice
  'password-changed-mail': SecurityNotice
  'session-reuse-mail': SecurityNotice
  'second-factor-set-mail': SecurityNotice
  'second-factor-removed-mail': SecurityNotice & { isByOperator?: boolean; othersLeft?: boolean }
  'recovery-code-used-mail': SecurityNotice
  /** To a client of OpenID Connect whose session has ended; the token that says so is made for each attempt. */
  'openid-logout': {
    clientId: string
    /** The account as the client knows it. */
    sub: string
    /** The session as the client knows it, if it does. */
    sid?: string
  }
  /** Something that an endpoint is to be told, which the id of the job names. */
  'webhook-delivery': Record<string, never>
  'security-mail': SecurityNotice & {
    notice: OwnerNotice
    /** What else the mail names; nothing that signs anybody in. `dueAt` is a time in epoch milliseconds. */
    values?: Record<string, string>
  }
}

export type JobKind = keyof JobPayloads

/** The kind of the jobs that tell endpoints; each has the id of its delivery. */
export const webhookJob = 'webhook-delivery' satisfies JobKind

/** What every job carries of the request that caused it, if one did: its language, and what it is found by. */
export interface JobCause {
  language?: Language
  requestId?: string
  /** W3C, where traces are kept. */
  traceparent?: string
}

/**
 * Writes a job in the same transaction as what causes it; it is run after the commit. Of those for one `target` only a
 * few are run at once. Returns its id.
 */
export async function addJob<K extends JobKind>(
  ctx: AnyContext,
  kind: K,
  payload: JobPayloads[K],
  target?: string,
): Promise<string> {
  const id = ctx.newId()
  const { language, requestId, traceparent } = ctx.origin ?? {}
  const cause: JobCause = { language, requestId, traceparent }
  await ctx.store.jobs.add({ id, kind, payload: { ...payload, ...cause }, target }, ctx.now())
  ctx.afterCommit(ctx.wakeWorker)
  return id
}
