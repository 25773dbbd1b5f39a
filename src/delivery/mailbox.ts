import type { Message, Transport } from './message.ts'

export interface MailboxEntry extends Omit<Message, 'id'> {
  id: string
  /** Epoch milliseconds. */
  at: number
  channel: 'mail' | 'sms'
  links: string[]
}

/** Where messages go in development: nothing leaves the machine, and nothing is kept on the disk. */
export interface Mailbox {
  /** Newest first. */
  entries(): MailboxEntry[]
  send: Transport
}

const mostEntries = 500

/** An empty mailbox. */
export function createMailbox(now: () => number): Mailbox {
  const entries: MailboxEntry[] = []
  return {
    entries: () => entries,
    send: async (message) => {
      entries.unshift({ ...message, at: now(), channel: 'mail', links: linksOf(message.text) })
      entries.length = Math.min(entries.length, mostEntries)
    },
  }
}

function linksOf(text: string): string[] {
  return [...new Set(text.match(/https?:\/\/\S+/g))]
}
