import type { Config, RealmConfig } from '../config/config.ts'
import { readSmtpUrl } from '../config/sections/smtp.ts'
import type { Mailbox } from '../delivery/mailbox.ts'
import type { Transports } from '../delivery/message.ts'
import { createSmsSender } from '../delivery/sms/gateway.ts'
import { smsGateway } from '../delivery/sms/presets.ts'

const smsTimeoutMs = 10_000

/** The ways out of this machine, as far as they are configured. */
export interface Outward extends Partial<Transports> {
  close(): void
}

/** Opens the ways out of this machine that are configured, which all realms share. */
export async function openOutward({ smtp, sms, publicUrl }: Config): Promise<Outward> {
  const urlFile = smtp?.urlFile
  const readUrl = urlFile === undefined ? undefined : () => readSmtpUrl(urlFile)
  // Loaded where it is needed, as it takes memory.
  const mails =
    smtp && (await import('../delivery/mail/smtp.ts')).smtpTransport({ ...smtp, publicUrl, readUrl })
  const sendSms =
    sms && createSmsSender({ gateway: smsGateway(sms), network: fetch, timeoutMs: smsTimeoutMs })
  return { sendMail: mails?.sendMail, sendSms, close: () => mails?.close() }
}

/** How one realm's messages go: out, else into its own mailbox in development. */
export function transportsOf(
  { mailFrom }: RealmConfig,
  outward: Outward,
  mailbox: Mailbox | undefined,
): Transports {
  const { sendMail: send } = outward
  const refuse = (what: string) => () => Promise.reject(new Error(`${what} is not set`))
  return {
    sendMail: send
      ? (mail) => send({ ...mail, ...(mailFrom !== undefined && { from: mailFrom }) })
      : (mailbox?.sendMail ?? refuse('SMTP_URL')),
    sendSms: outward.sendSms ?? mailbox?.sendSms ?? refuse('SMS_URL'),
  }
}
