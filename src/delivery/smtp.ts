import nodemailer from 'nodemailer'
import type { Mail } from './message.ts'

/** In milliseconds: a server that hangs is left for the next attempt. */
const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 }

/** Has mailboxes send no notes of absence back (RFC 3834 §5; the second is what Exchange reads). */
const noAnswers = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' }

/** Sends mails through an SMTP server, over connections that are kept open. */
export function smtpTransport({ url, from, publicUrl }: { url: string; from: string; publicUrl: string }) {
  const transporter = nodemailer.createTransport({
    url,
    pool: true,
    // The job is tried again, so the transport need not.
    maxRequeues: 0,
    ...timeouts,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const { hostname } = new URL(publicUrl)
  return {
    sendMail: async ({ id, from: sender = from, to, subject, text, html }: Mail): Promise<void> => {
      // As an object: an address from a request must not be read as a list of them.
      const recipient = { name: '', address: to }
      await transporter.sendMail({
        from: sender,
        to: recipient,
        subject,
        text,
        html,
        messageId: `<${id}@${hostname}>`,
        headers: noAnswers,
      })
    },
    /** Connects, secures the connection and signs in, and sends nothing. Throws when that fails. */
    verify: async (): Promise<void> => {
      await transporter.verify()
    },
    close: () => transporter.close(),
  }
}
