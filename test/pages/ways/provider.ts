import type { Page } from 'playwright-core'
import { authorizePath, webClient } from '../../dialects/pm2/door.ts'
import { freshEmail, type TestServer } from '../../harness/harness.ts'
import { freshStranger, type ToldProvider } from '../../upstream-sign-in/told-provider.ts'
import { open, submit, type Ways } from './ways.ts'

export type ProviderPage = 'go-on' | 'sign-up-with'

/** Ways to the pages of a sign-in with another provider. */
export function waysWithProvider(server: TestServer, provider: ToldProvider): Ways<ProviderPage> {
  const goOn = async (page: Page) => {
    await open(server, page, authorizePath(webClient))
    await page.locator('form[action$="/with/other"] button').click()
    // The browser is sent on at once, and the provider has it stay.
    const link = page.locator('main a[rel="noreferrer"]')
    await link.waitFor()
    return (await link.getAttribute('href')) ?? ''
  }
  const comeBack = async (page: Page) => {
    const stranger = freshStranger(`${'a-long-name'.repeat(4)}-${freshEmail()}`)
    await open(server, page, provider.signIn(await goOn(page), stranger))
  }
  return {
    'go-on': { 'as it is reached': goOn },
    'sign-up-with': {
      'as it is reached': comeBack,
      'with a problem': async (page) => {
        await comeBack(page)
        await page.locator('main input[name="form"]').evaluate((input) => input.setAttribute('value', 'x'))
        await submit(page, {})
      },
    },
  }
}
