import type { MailboxEntry } from '../../../src/delivery/mailbox.ts'
import { type Person, register } from '../../dialects/pm2/door.ts'
import { codeIn, messagesTo } from '../../dialects/vastly/door.ts'
import { eventually } from '../../harness/events.ts'
import { type Answer, mailCausedBy, type TestServer } from '../../harness/harness.ts'
import { type PlainBrowser, signInAtAccount } from '../jar.ts'

/** The path of ours that a mail leads to. */
export function pathOf({ links: [link = ''] }: MailboxEntry): string {
  const { pathname, search } = new URL(link)
  return pathname + search
}

/** Asks for another address at the account page; the page that answers. */
export async function askForEmail(browser: PlainBrowser, email: string): Promise<Answer> {
  return browser.submit(await browser.open('/ui/account/email'), { email }, '/ui/account/email')
}

/** The mail whose link gives an account this address, which the browser has just asked for. */
export function changeMail(server: TestServer, browser: PlainBrowser, email: string): Promise<MailboxEntry> {
  return mailCausedBy(server, { to: email, subject: /new e-mail address/ }, () => askForEmail(browser, email))
}

/** Opens the link of a change, signed in, and confirms it. */
export async function confirm(browser: PlainBrowser, mail: MailboxEntry): Promise<Answer> {
  return browser.submit(await browser.open(pathOf(mail)), {}, '/ui/account/email/confirm')
}

/** Somebody whose address is proven, signed in to the account page. */
export async function provenPerson(server: TestServer): Promise<{ person: Person; browser: PlainBrowser }> {
  const person = await register(server)
  const browser = await signInAtAccount(server, person)
  await confirm(browser, await changeMail(server, browser, person.email))
  return { person, browser }
}

/** Asks for another number at the account page; the page that answers. */
export async function askForPhone(browser: PlainBrowser, phone: string): Promise<Answer> {
  return browser.submit(await browser.open('/ui/account/phone'), { phone }, '/ui/account/phone')
}

/** The code of a message that `cause` has sent to a number. */
export async function codeCausedBy(
  server: TestServer,
  phone: string,
  cause: () => Promise<unknown>,
): Promise<string> {
  const earlier = (await messagesTo(server, phone)).length
  await cause()
  const message = await eventually('a code', async () => {
    const messages = await messagesTo(server, phone)
    return messages.length > earlier ? messages[0] : undefined
  })
  return codeIn(message.text)
}

/** Gives an account a number, which it proves. */
export async function givePhone(server: TestServer, browser: PlainBrowser, phone: string): Promise<Answer> {
  const code = await codeCausedBy(server, phone, () => askForPhone(browser, phone))
  return browser.submit(await browser.open('/ui/account/phone'), { code }, '/ui/account/phone/confirm')
}
