import type { Page } from 'playwright-core'
import { type Person, register } from '../../dialects/pm2/door.ts'
import type { TestServer } from '../../harness/harness.ts'
import { givePasskey } from '../passkeys/software-key.ts'
import { open, submit, type Ways } from './ways.ts'

type AccountPage =
  | 'account-passkey-new'
  | 'account-passkey-offer'
  | 'account-passkeys'
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
    'account-passkeys': {
      'with none': (page) => openAccount(server, page, '/ui/account/passkeys'),
      'with one, and a problem': async (page) => {
        const person = await register(server)
        await givePasskey(server, person, 'iPhone · iCloud Keychain')
        await openAccount(server, page, '/ui/account/passkeys', person)
        await page.locator('summary').click()
        await page.locator('input[name="name"]').fill('   ')
        await page.locator('form[action$="/name"] button').click()
      },
    },
    'account-passkey-new': {
      'as it is opened': (page) => openAccount(server, page, '/ui/account/passkeys/new'),
    },
    'account-passkey-offer': {
      'as it is opened': (page) => openAccount(server, page, '/ui/account/passkeys/offer'),
    },
    'account-profile': { 'as it is opened': (page) => openAccount(server, page, '/ui/account') },
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
