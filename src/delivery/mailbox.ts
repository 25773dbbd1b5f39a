import type { Mail, Transports } from './message.ts'

export interface MailboxEntry extends Mail {
  /** Epoch milliseconds. */
  at: number
  channel: 'mail' | 'sms'
  links: string[]
}

/** Where messages go in development: nothing leaves the machine, and nothing is kept on the disk. */
export interface Mailbox extends Transports {
  /** Newest first. */
  entries(): MailboxEntry[]
  /** Forgets all of them. */
  clear(): void
}

const maxEntries = 500

/** An empty mailbox. */
export function createMailbox(now: () => number): Mailbox {
  const entries: MailboxEntry[] = []
  const keep = async (channel: MailboxEntry['channel'], message: Mail) => {
    entries.unshift({ ...message, at: now(), channel, links: linksOf(message.text) })
    entries.length = Math.min(entries.length, maxEntries)
  }
  return {
    entries: () => entries,
    clear: () => void entries.splice(0),
    sendMail: (mail) => keep('mail', mail),
    sendSms: (sms) => keep('sms', { ...sms, subject: '', html: '' }),
  }
}

function linksOf(text: string): string[] {
  return [...new Set(text.match(/https?:\/\/\S+/g))]
}
