import type { Page } from 'playwright-core'
import type { PageName } from '../../../src/pages/samples.ts'
import { type Person, register } from '../../dialects/pm2/door.ts'
import { freshPhone } from '../../dialects/vastly/door.ts'
import { freshEmail, mailCausedBy, type TestServer } from '../../harness/harness.ts'
import { signInAtAccount } from '../jar.ts'
import { givePasskey } from '../passkeys/software-key.ts'
import type { SecurityPage } from './security.ts'
import { open, submit, type Ways } from './ways.ts'

type AccountPage = Exclude<Extract<PageName, `account-${string}`>, SecurityPage | 'account-apps'>

/**
 * Signs somebody in to the account page, and opens a page of it. The browser is given the cookie of a session that was
 * opened without it: the pages of the sign-in have tests of their own, and would be rendered for each of these.
 */
export async function openAccount(
  server: TestServer,
  page: Page,
  path: string,
  person?: Pick<Person, 'username' | 'password'>,
): Promise<void> {
  const userAgent = String(await page.evaluate('navigator.userAgent'))
  const { cookies } = await signInAtAccount(server, person ?? (await register(server)), userAgent)
  const name = '__Host-manydoors-session'
  const cookie = {
    name,
    value: cookies.get(name) ?? '',
    url: 'https://localhost/',
    secure: true,
    httpOnly: true,
  }
  await page.context().addCookies([cookie])
  await open(server, page, path)
}

/** Ways to the pages of the account. */
export function waysToAccountPages(server: TestServer): Ways<AccountPage> {
  const openProve = (page: Page) => openAccount(server, page, '/ui/account/prove')
  const openDelete = async (page: Page) => {
    const person = await register(server)
    await openAccount(server, page, '/ui/account/data/delete', person)
    return person
  }
  return {
    'account-data': {
      'as it is opened': (page) => openAccount(server, page, '/ui/account/data'),
      'with a deletion that is due': async (page) => {
        const { username } = await openDelete(page)
        await submit(page, { typed: username })
      },
    },
    'account-delete': {
      'as it is opened': openDelete,
      'with a problem': async (page) => {
        await openDelete(page)
        await submit(page, { typed: 'somebody-else' })
      },
    },
    'account-activity': {
      'as it is opened': (page) => openAccount(server, page, '/ui/account/activity'),
      'with only changes': (page) => openAccount(server, page, '/ui/account/activity?only=changes'),
      'with nothing in it': (page) => openAccount(server, page, '/ui/account/activity?before=0.0'),
    },
    'account-devices': {
      'with another one': (page) => openAccount(server, page, '/ui/account/devices'),
      'with this one alone': async (page) => {
        await openAccount(server, page, '/ui/account/devices')
        await submit(page, {})
      },
    },
    'account-profile': {
      'as it is opened': (page) => openAccount(server, page, '/ui/account'),
      'as it is saved': async (page) => {
        await openAccount(server, page, '/ui/account')
        await submit(page, { name: 'Ada Example' })
      },
      'with a problem': async (page) => {
        await openAccount(server, page, '/ui/account')
        await submit(page, { name: '\u202eecila' })
      },
    },
    'account-username': {
      'as it is opened': (page) => openAccount(server, page, '/ui/account/username'),
      'with a problem': async (page) => {
        await openAccount(server, page, '/ui/account/username')
        await submit(page, { username: 'ada@example.com' })
      },
    },
    ...waysToNames(server),
    'account-passkey-new': {
      'as it is opened': (page) => openAccount(server, page, '/ui/account/passkeys/new'),
    },
    'account-passkey-offer': {
      'as it is opened': (page) => openAccount(server, page, '/ui/account/passkeys/offer'),
    },
    'account-prove': {
      'as it is opened': openProve,
      'with a passkey': async (page) => {
        const person = await register(server)
        await givePasskey(server, person)
        await openAccount(server, page, '/ui/account/prove', person)
        await page.locator('form[data-passkey]').waitFor()
      },
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
