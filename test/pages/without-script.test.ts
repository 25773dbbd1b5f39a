import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import type { PageName } from '../../src/pages/samples.ts'
import { useProvider } from '../upstream-sign-in/with-provider.ts'
import { launchBrowser, noBrowser } from './browser.ts'
import { assertAllByKeyboard } from './keyboard.ts'
import { openAccount, waysToAccountPages } from './ways/account.ts'
import { waysToHostedPages } from './ways/hosted.ts'
import { waysToOpenidPages } from './ways/openid.ts'
import { waysWithProvider } from './ways/provider.ts'
import { waysToSecurityPages } from './ways/security.ts'
import { submit, type Ways } from './ways/ways.ts'

describe('without a script and with a keyboard alone', { skip: noBrowser }, () => {
  const { server, provider } = useProvider('sqlite')
  let browser: Browser
  let page: Page
  before(async () => {
    browser = await launchBrowser()
    page = await browser.newPage({ locale: 'en-GB', javaScriptEnabled: false })
    page.setDefaultTimeout(10_000)
  })
  after(() => browser?.close())

  /** One that is missing does not compile. */
  const ways: Ways<Exclude<PageName, `dev-${string}`>> = {
    ...waysToHostedPages(server),
    ...waysWithProvider(server, provider),
    ...waysToAccountPages(server),
    ...waysToSecurityPages(server),
    ...waysToOpenidPages(server),
  }
  for (const [name, states] of Object.entries(ways)) {
    for (const [state, go] of Object.entries(states)) {
      // That one waits for what a script shows.
      if (name === 'account-prove' && state === 'with a passkey') continue
      it(`all of ${name}, ${state}, is reached, and each of its forms is sent`, async () => {
        await page.context().clearCookies()
        await go(page)
        await page.waitForLoadState()
        await assertAllByKeyboard(page)
      })
    }
  }

  const isInMain = `document.activeElement.closest('main') !== null`

  it('the first stop of the account page leads past its menu', async () => {
    await page.context().clearCookies()
    await openAccount(server, page, '/ui/account')
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate('document.activeElement.getAttribute("href")'), '#content')
    assert.equal(await page.locator('a.skip').isVisible(), true)
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate(isInMain), true)
  })

  it('after an action the focus is at what is said of it', async () => {
    await page.context().clearCookies()
    await openAccount(server, page, '/ui/account')
    await submit(page, { name: 'Ada Example' })
    await page.locator('#notice:focus').waitFor()
    assert.equal(await page.getByRole('status').innerText(), 'Your profile is saved.')
  })
})
