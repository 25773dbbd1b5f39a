import nodemailer from 'nodemailer'
import type { Mail } from './message.ts'

/** Shorter together than a job's lease, so that no second worker sends what the first still tries. */
const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 }

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
    sendMail: async ({ id, to, subject, text, html }: Mail): Promise<void> => {
      // As an object: an address from a request must not be read as a list of them.
      const recipient = { name: '', address: to }
      await transporter.sendMail({
        from,
        to: recipient,
        subject,
        text,
        html,
        messageId: `<${id}@${hostname}>`,
      })
    },
    close: () => transporter.close(),
  }
}
