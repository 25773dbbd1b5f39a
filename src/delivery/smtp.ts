import nodemailer from 'nodemailer'
import type { Transport } from './message.ts'

/** Shorter together than a job's lease, so that no second worker sends what the first still tries. */
const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 }

export interface SmtpTransport {
  send: Transport
  close(): void
}

/** Sends through an SMTP server, over connections that are kept open. */
export function smtpTransport({
  url,
  from,
  publicUrl,
}: {
  url: string
  from: string
  publicUrl: string
}): SmtpTransport {
  const transporter = nodemailer.createTransport({
    url,
    pool: true,
    ...timeouts,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const { hostname } = new URL(publicUrl)
  return {
    send: async ({ id, to, subject, text, html }) => {
      // As an object: an address from a request must not be read as a list of them.
      await transporter.sendMail({
        from,
        to: { name: '', address: to },
        subject,
        text,
        html,
        messageId: `<${id}@${hostname}>`,
      })
    },
    close: () => transporter.close(),
  }
}
