import type { Page } from 'playwright-core'
import { type Person, register } from '../../dialects/pm2/door.ts'
import type { TestServer } from '../../harness/harness.ts'
import { open, submit, type Ways } from './ways.ts'

type AccountPage = 'account-data' | 'account-delete' | 'account-profile' | 'account-prove'

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
