import type { Page } from 'playwright-core'
import { register } from '../../dialects/pm2/door.ts'
import { codeAt, nextCode, registerWithSecondFactor } from '../../dialects/wolfpal/door.ts'
import type { TestServer } from '../../harness/harness.ts'
import { givePasskey } from '../passkeys/software-key.ts'
import { openAccount } from './account.ts'
import { open, submit, type Ways } from './ways.ts'

export type SecurityPage =
  | 'account-authenticator'
  | 'account-authenticators'
  | 'account-new-codes'
  | 'account-password'
  | 'account-recovery-codes'
  | 'account-security'

/** Ways to the page of what lets people in, and to those below it. */
export function waysToSecurityPages(server: TestServer): Ways<SecurityPage> {
  const openWithSecondStep = async (page: Page, path: string) => {
    const { username, password, secret } = await registerWithSecondFactor(server)
    await open(server, page, path)
    await submit(page, { identifier: username, password })
    await page.locator('input[name="trust"]').check()
    await submit(page, { code: nextCode(server, secret) })
  }
  const openFurther = async (page: Page) => {
    await openWithSecondStep(page, '/ui/account/authenticator')
    await page.getByRole('link', { name: /another app|app til/ }).click()
    await page.waitForLoadState()
  }
  const openSetUp = (page: Page) => openAccount(server, page, '/ui/account/authenticator')
  const secretOf = (page: Page) => page.locator('input[name="secret"]').inputValue()

  return {
    'account-security': {
      'without a second step': (page) => openAccount(server, page, '/ui/account/security'),
      'with all there is': (page) => openWithSecondStep(page, '/ui/account/security'),
      'with a passkey, and a problem': async (page) => {
        const person = await register(server)
        await givePasskey(server, person, 'iPhone · iCloud Keychain')
        await openAccount(server, page, '/ui/account/security', person)
        await page.locator('summary').click()
        await page.locator('input[name="name"]').fill('   ')
        await page.locator('form[action$="/name"] button').click()
        await page.getByRole('alert').waitFor()
      },
      'after an action': async (page) => {
        await openWithSecondStep(page, '/ui/account/security')
        await page.locator('form[action$="/remove-all"] button').click()
        await page.waitForLoadState()
      },
    },
    'account-password': {
      'as it is opened': (page) => openAccount(server, page, '/ui/account/password'),
      'with a problem': async (page) => {
        await openAccount(server, page, '/ui/account/password')
        await submit(page, { password: 'passwordpassword' })
      },
    },
    'account-authenticator': {
      'to set one up': openSetUp,
      'with a problem': async (page) => {
        await openSetUp(page)
        await submit(page, { code: 'none' })
      },
      'to add a further one': openFurther,
      'with a name that is taken': async (page) => {
        await openFurther(page)
        await submit(page, { name: 'Phone', code: codeAt(server, await secretOf(page)) })
        await page.getByRole('link', { name: /another app|app til/ }).click()
        await page.waitForLoadState()
        await submit(page, { name: 'Phone', code: codeAt(server, await secretOf(page)) })
      },
    },
    'account-authenticators': {
      'with one in force': (page) => openWithSecondStep(page, '/ui/account/authenticator'),
      'with several': async (page) => {
        await openFurther(page)
        await submit(page, { name: 'Phone', code: codeAt(server, await secretOf(page)) })
      },
    },
    'account-new-codes': {
      'as it is reached': async (page) => {
        await openSetUp(page)
        await submit(page, { code: codeAt(server, await secretOf(page)) })
      },
    },
    'account-recovery-codes': {
      'as it is opened': (page) => openWithSecondStep(page, '/ui/account/recovery-codes'),
      'sent twice': async (page) => {
        await openWithSecondStep(page, '/ui/account/recovery-codes')
        await submit(page, {})
        await open(server, page, '/ui/account/recovery-codes')
        await page.locator('input[name="set"]').evaluate((input) => input.setAttribute('value', '0'))
        await submit(page, {})
      },
    },
  }
}
