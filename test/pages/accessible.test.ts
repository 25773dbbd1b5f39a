import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { useProvider } from '../upstream-sign-in/with-provider.ts'
import { examine, loadAxe } from './axe.ts'
import { launchBrowser, noBrowser } from './browser.ts'
import { fits, measureLayout } from './layout.ts'
import { waysToEveryPage } from './ways/every-page.ts'

/** Each on a phone and on a desktop, and in all of it in both colour schemes. */
const languages = [
  { language: 'en', locale: 'en-GB', onPhone: 'light', onDesktop: 'dark' },
  { language: 'nb', locale: 'nb-NO', onPhone: 'dark', onDesktop: 'light' },
] as const

// A browser cannot tell one database from the other.
describe('the hosted pages', { skip: noBrowser }, () => {
  const { server, provider } = useProvider('sqlite')
  let browser: Browser
  before(async () => {
    browser = await launchBrowser()
  })
  after(() => browser?.close())

  const ways = waysToEveryPage(server, provider)

  for (const { language, locale, onPhone, onDesktop } of languages) {
    const windows = [
      { width: 320, height: 640, colorScheme: onPhone },
      { width: 1280, height: 800, colorScheme: onDesktop },
    ]
    describe(`in ${language}`, () => {
      // One page for all of them: the browser starts a process for each new one.
      let page: Page
      /** What the browser has said of the page that is opened. */
      let messages: string[] = []
      before(async () => {
        page = await browser.newPage({ locale })
        page.on('console', (message) => messages.push(`${message.type()}: ${message.text()}`))
        page.on('pageerror', (error) => messages.push(error.message))
      })
      after(() => page?.close())

      for (const [name, states] of Object.entries(ways)) {
        for (const [state, go] of Object.entries(states)) {
          it(`have no accessibility fault on ${name}, ${state}, in ${language}`, async () => {
            await page.context().clearCookies()
            messages = []
            await go(page)
            if (state === 'with a problem') assert.equal(await page.getByRole('alert').count(), 1)
            assert.equal(
              await page.locator('html').getAttribute('lang'),
              name.startsWith('dev-') ? 'en' : language,
            )
            // The browser says so of every page that is a refusal, and of a field that is typed in before it has the focus.
            const said = messages.filter(
              (message) =>
                !/the server responded with a status of 4|^info: Autofocus processing was blocked/.test(
                  message,
                ),
            )
            assert.deepEqual(said, [], 'the console is empty')
            await loadAxe(page)
            for (const { width, height, colorScheme } of windows) {
              await page.setViewportSize({ width, height })
              await page.emulateMedia({ colorScheme })
              assert.deepEqual(await measureLayout(page), fits, `at ${width} px`)
              const { violations, passes } = await examine(page)
              assert.ok(passes > 5, 'axe has looked at the page')
              assert.deepEqual(violations, [], `at ${width} px, ${colorScheme}`)
            }
          })
        }
      }
    })
  }
})
