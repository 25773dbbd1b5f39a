import { isIP } from 'node:net'
import nodemailer from 'nodemailer'
import type { Mail } from '../message.ts'
import { isSignInRefused, judgeFailure } from './smtp-refusals.ts'

/** In milliseconds, as nodemailer takes them. A server that hangs is left for the next attempt. */
const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 }
/** Between two readings of the file of a URL that was refused. */
const minRereadPauseMs = 5_000

/** Has mailboxes send no notes of absence back (RFC 3834 §5; the second is what Exchange reads). */
const noAnswers = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' }

export interface SmtpSettings {
  url: string
  /** What this server calls itself; else what the URL says, or the host of the public URL. */
  name?: string
  /** The default sender, and where answers to its mails go if not to that. */
  from: string
  replyTo?: string
  publicUrl: string
  /** The URL as its file has it now, if it is in one; `undefined` when it cannot be used. */
  readUrl?: () => string | undefined
}

/**
 * Sends mails through an SMTP server, over connections that are kept open. When the user name and password are refused,
 * the URL is read again, and tried at once where it has changed.
 */
export function smtpTransport(settings: SmtpSettings) {
  const { from, replyTo, publicUrl } = settings
  let url = settings.url
  let current = open(settings, url)
  let nextReading = 0

  const readAgain = () => {
    if (performance.now() < nextReading) return
    nextReading = performance.now() + minRereadPauseMs
    const read = settings.readUrl?.()
    if (read === undefined || read === url) return
    url = read
    current.close()
    current = open(settings, url)
  }

  const withFreshUrl = async (work: (transporter: typeof current) => Promise<unknown>): Promise<void> => {
    const used = current
    try {
      await work(used)
    } catch (error) {
      if (!isSignInRefused(error)) throw error
      if (used === current) readAgain()
      if (used === current) throw error
      await work(current)
    }
  }

  const { hostname } = new URL(publicUrl)
  return {
    /** Throws `Undeliverable` and `Refused` as the server has said it, and anything else to be tried again. */
    sendMail: async ({ id, from: sender, to, subject, text, html }: Mail): Promise<void> => {
      const mail = {
        from: sender ?? from,
        ...(sender === undefined && replyTo !== undefined && { replyTo }),
        // As an object: an address from a request must not be read as a list of them.
        to: { name: '', address: to },
        subject,
        text,
        html,
        messageId: `<${id}@${hostname}>`,
        headers: noAnswers,
      }
      try {
        await withFreshUrl((transporter) => transporter.sendMail(mail))
      } catch (error) {
        throw judgeFailure(error)
      }
    },
    /** Connects, secures the connection and signs in, and sends nothing. Throws when that fails. */
    verify: () => withFreshUrl((transporter) => transporter.verify()),
    close: () => current.close(),
  }
}

function open({ name, publicUrl }: SmtpSettings, url: string) {
  return nodemailer.createTransport({
    // What the URL says comes before the options beside it.
    url: name === undefined ? url : url.replace(/([?&])name=[^&]*/, '$1'),
    name: name ?? nameOf(publicUrl),
    pool: true,
    // The job is tried again, so the transport need not.
    maxRequeues: 0,
    ...timeouts,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}

/** What the server at a public URL calls itself: its host, or an address literal (RFC 5321 §4.1.3). */
function nameOf(publicUrl: string): string {
  const { hostname } = new URL(publicUrl)
  if (isIP(hostname) === 4) return `[${hostname}]`
  return hostname.startsWith('[') ? `[IPv6:${hostname.slice(1)}` : hostname
}
