import { Refused, Undeliverable } from '../message.ts'

/** What the SMTP library says of a failure, as far as it is one that the server has answered. */
interface SmtpFailure extends Error {
  code?: string
  /** The command that was answered. */
  command?: string
  responseCode?: number
  response?: string
}

/** RFC 3463 §3.2: there is no such recipient. Not 5.1.7 and 5.1.8, which are about the sender. */
const noSuchRecipient = /^5\d\d[ -]5\.1\.(?![78]\b)\d{1,3}\b/

/** Answers to these commands are about the mail; answers to all others, about how this server is set up. */
const ofMail = ['RCPT TO', 'DATA']

/**
 * The failure as the job worker is to take it: `Undeliverable` for a recipient who is refused for good, `Refused` for
 * another 5xx to the recipient or the mail, and else as it is, to be tried again.
 */
export function judgeFailure(error: unknown): unknown {
  const { command = '', responseCode = 0, response = '', message } = error as SmtpFailure
  if (!ofMail.includes(command) || responseCode < 500) return error
  const Kind = noSuchRecipient.test(response) ? Undeliverable : Refused
  return new Kind(message, { cause: error })
}

/** Whether the server does not take the user name and password. */
export function isSignInRefused(error: unknown): boolean {
  return (error as SmtpFailure).code === 'EAUTH'
}
