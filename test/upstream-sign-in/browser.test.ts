import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { startTestServer, type TestServer } from '../harness/harness.ts'
import { freePort, launchBrowser, noBrowser } from '../pages/browser.ts'
import { type StandardProvider, startStandardProvider } from './standard-provider.ts'
import { settingsWith } from './with-provider.ts'

describe('a sign-in with the certified provider of npm, in a browser', { skip: noBrowser }, () => {
  let server: TestServer
  let provider: StandardProvider
  let browser: Browser
  let url: string
  before(async () => {
    const port = await freePort()
    url = `http://localhost:${port}`
    provider = await startStandardProvider(`${url}/ui/with/other/callback`)
    server = await startTestServer('sqlite', {
      env: { PORT: String(port), MANYDOORS_PUBLIC_URL: url },
      yaml: settingsWith(provider.issuer),
    })
    browser = await launchBrowser()
  })
  after(async () => {
    await browser?.close()
    await server?.close()
    await provider?.close()
  })

  const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor()
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()

  it('opens an account, signs in again without a word, and is disconnected once there is a password', async () => {
    const context = await browser.newContext({ locale: 'en-GB' })
    const page = await context.newPage()
    page.setDefaultTimeout(12_000)
    const said: string[] = []
    page.on('console', (message) => page.url().startsWith(url) && said.push(message.text()))
    try {
      await page.goto(`${url}/ui/account`)
      await press(page, 'Continue with Other')
      await page.locator('input[name="login"]').fill('lovelace')
      await page.locator('input[name="password"]').fill('whatever')
      await page.locator('button[type="submit"]').click()
      // The provider asks for what the server may see.
      await page.locator('form[action*="/interaction/"] button[type="submit"]').click()
      await heading(page, 'Create an account')
      await page.getByText('lovelace@example.com').waitFor()
      await press(page, 'Create account')
      await page.getByRole('link', { name: 'Security', exact: true }).waitFor()

      await press(page, 'Sign out')
      await heading(page, 'You are signed out')
      await page.goto(`${url}/ui/account/security`)
      await press(page, 'Continue with Other')
      await page.getByText('Connected since').waitFor()
      await press(page, 'Disconnect')
      await page.getByText('this is your only way to sign in').waitFor()
      await page.getByRole('link', { name: 'Choose a password' }).click()
      await page.locator('input[name="password"]').fill('quite some words together')
      await press(page, 'Save password')
      await page.getByText('Connected since').waitFor()
      await press(page, 'Disconnect')
      await page.getByText('Other no longer signs you in.').waitFor()
      await press(page, 'Connect')
      await page.getByText('Other signs you in from now on.').waitFor()
      const own = said.filter((text) => !/status of 409/.test(text))
      assert.deepEqual(own, [])
    } finally {
      await context.close()
    }
  })
})
