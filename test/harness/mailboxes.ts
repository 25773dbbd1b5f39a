import { domainToASCII } from 'node:url'
import { createMailbox, type Mailbox, type MailboxEntry } from '../../src/delivery/mailbox.ts'
import { eventually, notify } from './events.ts'
import type { TestServer } from './harness.ts'

/** An empty mailbox of development whose messages can be waited for with `eventually`; `now` in epoch milliseconds. */
export function createWatchedMailbox(now: () => number): Mailbox {
  const mailbox = createMailbox(now)
  return {
    ...mailbox,
    sendMail: (mail) => mailbox.sendMail(mail).then(notify),
    sendSms: (sms) => mailbox.sendSms(sms).then(notify),
  }
}

/** How to read a mailbox that this process fills, and how to wait for a mail there. */
export function readMailbox(mailbox: () => Promise<MailboxEntry[]>): Pick<TestServer, 'mailbox' | 'mail'> {
  return {
    mailbox,
    mail: (to, subject) =>
      eventually(`a mail to ${to} about ${subject}`, async () =>
        (await mailbox()).find((entry) => entry.to === to && subject.test(entry.subject)),
      ),
  }
}

/** The mailboxes of several servers on one database as one: either may send what the other has promised. */
export function joinMailboxes(servers: Pick<TestServer, 'mailbox'>[]): Pick<TestServer, 'mailbox' | 'mail'> {
  const mailboxes = servers.map(({ mailbox }) => mailbox)
  return readMailbox(async () =>
    (await Promise.all(mailboxes.map((read) => read()))).flat().sort((a, b) => b.at - a.at),
  )
}

/** The address that a mail goes to which was typed so: without what is around it, in small letters, its domain in ASCII. */
export function mailboxOf(typed: string): string {
  const [, local = '', domain = ''] = /([!-~]+)@([^\s\p{Cf}]+)/u.exec(typed) ?? []
  return `${local.toLowerCase()}@${domainToASCII(domain)}`
}
