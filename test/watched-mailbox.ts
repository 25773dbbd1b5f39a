import { createMailbox, type Mailbox, type MailboxEntry } from '../src/delivery/mailbox.ts'

/** A mailbox of development that can be waited at. */
export interface WatchedMailbox extends Mailbox {
  /** The newest message that is wanted; waits for it, and fails after half a minute, naming what it waited for. */
  message(what: string, isWanted: (entry: MailboxEntry) => boolean): Promise<MailboxEntry>
}

const timeoutMs = 30_000

/** An empty one; `now` in epoch milliseconds. */
export function createWatchedMailbox(now: () => number): WatchedMailbox {
  const mailbox = createMailbox(now)
  const watchers = new Set<() => void>()
  const told = async (kept: Promise<void>) => {
    await kept
    for (const look of watchers) look()
  }
  return {
    entries: mailbox.entries,
    sendMail: (mail) => told(mailbox.sendMail(mail)),
    sendSms: (sms) => told(mailbox.sendSms(sms)),
    message: (what, isWanted) =>
      new Promise((found, failed) => {
        const end = () => {
          clearTimeout(timer)
          watchers.delete(look)
        }
        const look = () => {
          const entry = mailbox.entries().find(isWanted)
          if (!entry) return
          end()
          found(entry)
        }
        const timer = setTimeout(() => {
          end()
          failed(new Error(`waited in vain for ${what}`))
        }, timeoutMs)
        watchers.add(look)
        look()
      }),
  }
}
