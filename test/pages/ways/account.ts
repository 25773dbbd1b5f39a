import type { Page } from 'playwright-core'
import { type Person, register } from '../../dialects/pm2/door.ts'
import { freshPhone } from '../../dialects/vastly/door.ts'
import { freshEmail, mailCausedBy, type TestServer } from '../../harness/harness.ts'
import { open, submit, type Ways } from './ways.ts'

type AccountPage =
  | 'account-email'
  | 'account-email-confirm'
  | 'account-phone'
  | 'account-profile'
  | 'account-prove'

/** Signs somebody in to the account page, and opens a page of it. */
export async function openAccount(
  server: TestServer,
  page: Page,
  path: string,
  person?: Pick<Person, 'username' | 'password'>,
): Promise<void> {
  const { username, password } = person ?? (await register(server))
  await open(server, page, path)
  await submit(page, { identifier: username, password })
}

/** Ways to the pages of the account. */
export function waysToAccountPages(server: TestServer): Ways<AccountPage> {
  const openProve = (page: Page) => openAccount(server, page, '/ui/account/prove')
  return {
    ...waysToNames(server),
    'account-profile': { 'as it is opened': (page) => openAccount(server, page, '/ui/account') },
    'account-prove': {
      'as it is opened': openProve,
      'with a problem': async (page) => {
        await openProve(page)
        await submit(page, { password: 'wrong-password' })
      },
    },
  }
}

/** Ways to the pages of changed addresses and numbers. */
function waysToNames(server: TestServer): Ways<'account-email' | 'account-email-confirm' | 'account-phone'> {
  const openEmail = (page: Page) => openAccount(server, page, '/ui/account/email')
  const askForEmail = async (page: Page, email = freshEmail()) => {
    await openEmail(page)
    await submit(page, { email })
  }
  const openPhone = (page: Page) => openAccount(server, page, '/ui/account/phone')
  const askForPhone = async (page: Page, phone = freshPhone()) => {
    await openPhone(page)
    await submit(page, { phone })
  }
  const openConfirm = async (page: Page) => {
    const email = freshEmail()
    const subject = /new e-mail address|nye e-postadressen/
    const { links } = await mailCausedBy(server, { to: email, subject }, () => askForEmail(page, email))
    const { pathname, search } = new URL(links[0] ?? '')
    await open(server, page, pathname + search)
  }
  return {
    'account-email': {
      'as it is opened': openEmail,
      'with a change that waits': askForEmail,
      // What the browser lets pass and the server does not: it is the address of a machine in other words.
      'with a problem': (page) => askForEmail(page, 'a@0x7f.1'),
    },
    'account-email-confirm': { 'as it is opened': openConfirm },
    'account-phone': {
      'as it is opened': openPhone,
      'with a change that waits': askForPhone,
      'with a problem': (page) => askForPhone(page, '91234567'),
      'with a wrong code': async (page) => {
        await askForPhone(page)
        await submit(page, { code: 'none' })
      },
    },
  }
}
