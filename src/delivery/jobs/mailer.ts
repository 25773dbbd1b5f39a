import type { Brand } from '../../core/clients/client.ts'
import type { Device, RealmContext } from '../../core/context.ts'
import type { JobCause, JobKind, JobPayloads } from '../../core/jobs.ts'
import { mailAddress, mailText } from '../../core/text/mail-text.ts'
import type { Transports } from '../message.ts'
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

/** Writes a mail in a language and sends it. */
export type Mailer = (name: MessageName, cause: Cause, data: MailData) => Promise<void>

/** Sends mails by these templates and this transport. */
export function mailer({ sendMail, render }: DeliverySettings): Mailer {
  return async (name, { id, language = 'en' }, data) => {
    const shown = { ...data, email: mailAddress(data.email) }
    await sendMail({ id, to: data.email, ...(await render.mail(name, language, shown)) })
  }
}

/** Where a reader sees what has happened to their account, if the realm has a page for it, and where they get a new password. */
export function linksIn({ publicUrl, realm }: RealmContext) {
  return {
    ...(realm.accountPage && { activityLink: `${publicUrl}/ui/account/activity` }),
    resetLink: `${publicUrl}/ui/forgot-password`,
  }
}

/** What a mail calls a device; `undefined` for one that says nothing of itself. */
export function deviceText(device: Device | undefined): string | undefined {
  const names = [device?.browser, device?.os].flatMap((name) => mailText(name ?? '') ?? [])
  return names.join(', ') || undefined
}
