import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import type { MailboxEntry } from '../../../src/delivery/mailbox.ts'
import { eventually } from '../../harness/events.ts'
import type { TestServer } from '../../harness/harness.ts'

/** A number that no other test uses. */
export function freshPhone(): string {
  return `+479${String(randomInt(10_000_000)).padStart(7, '0')}`
}

/** All text messages to that number, newest first. */
export async function textsTo(server: TestServer, phone: string): Promise<MailboxEntry[]> {
  return (await server.mailbox()).filter(({ channel, to }) => channel === 'sms' && to === phone)
}

/** The code of the message to that number that `cause` has sent. */
export async function codeSentBy(
  server: TestServer,
  phone: string,
  cause: () => Promise<unknown>,
): Promise<string> {
  const earlier = new Set((await textsTo(server, phone)).map(({ id }) => id))
  await cause()
  const sent = await eventually(`a message to ${phone}`, async () =>
    (await textsTo(server, phone)).find(({ id, text }) => !earlier.has(id) && /^\d+ /.test(text)),
  )
  return /^\d+/.exec(sent.text)?.[0] ?? assert.fail(sent.text)
}

/** Six digits that are not those. */
export function wrongCode(code: string): string {
  return code === '000000' ? '000001' : '000000'
}
