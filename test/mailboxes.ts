import { domainToASCII } from 'node:url'
import { eventually, type TestServer } from './harness.ts'

/** The mailboxes of several servers on one database as one: either may send what the other has promised. */
export function joinMailboxes(servers: Pick<TestServer, 'mailbox'>[]): Pick<TestServer, 'mailbox' | 'mail'> {
  const mailboxes = servers.map(({ mailbox }) => mailbox)
  const mailbox: TestServer['mailbox'] = async () =>
    (await Promise.all(mailboxes.map((read) => read()))).flat().sort((a, b) => b.at - a.at)
  return {
    mailbox,
    mail: (to, subject) =>
      eventually(`a mail to ${to} about ${subject}`, async () =>
        (await mailbox()).find((entry) => entry.to === to && subject.test(entry.subject)),
      ),
  }
}

/** The address that a mail goes to which was typed so: without what is around it, in small letters, its domain in ASCII. */
export function mailboxOf(typed: string): string {
  const [, local = '', domain = ''] = /([!-~]+)@([^\s\p{Cf}]+)/u.exec(typed) ?? []
  return `${local.toLowerCase()}@${domainToASCII(domain)}`
}
