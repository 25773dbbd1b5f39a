import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, describe, it } from 'node:test'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import type { PageName } from '../../src/pages/samples.ts'
import { useServer } from '../harness/harness.ts'
import { launchBrowser, noBrowser } from './browser.ts'
import { waysToAccountPages } from './ways/account.ts'
import { waysToDevelopment } from './ways/development.ts'
import { waysToHostedPages } from './ways/hosted.ts'
import { waysToSecurityPages } from './ways/security.ts'
import type { Ways } from './ways/ways.ts'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What can be wrong in one colour scheme alone: nothing else depends on it, see `style.css`. */
const rulesOfColours = ['color-contrast', 'link-in-text-block']

const languages = { en: 'en-GB', nb: 'nb-NO' }

// A browser cannot tell one database from the other.
describe('the hosted pages', { skip: noBrowser }, () => {
  const server = useServer('sqlite')
  let browser: Browser
  before(async () => {
    browser = await launchBrowser()
  })
  after(() => browser?.close())

  /** Ways to every page, and to every state of it. One that is missing does not compile. */
  const ways: Ways<PageName> = {
    ...waysToHostedPages(server),
    ...waysToAccountPages(server),
    ...waysToSecurityPages(server),
    ...waysToDevelopment(server),
  }

  for (const [language, locale] of Object.entries(languages)) {
    describe(`in ${language}`, () => {
      // One page for all of them: the browser starts a process for each new one.
      let page: Page
      before(async () => {
        page = await browser.newPage({ locale, bypassCSP: true })
      })
      after(() => page?.close())

      for (const [name, states] of Object.entries(ways)) {
        for (const [state, go] of Object.entries(states)) {
          it(`have no accessibility fault on ${name}, ${state}, in ${language}`, async () => {
            await page.context().clearCookies()
            await page.emulateMedia({ colorScheme: 'light' })
            await go(page)
            if (state === 'with a problem') assert.equal(await page.getByRole('alert').count(), 1)
            assert.equal(
              await page.locator('html').getAttribute('lang'),
              name.startsWith('dev') ? 'en' : language,
            )
            await page.evaluate(axeSource)
            const light = await examine(page)
            assert.ok(light.passes > 5, 'axe has looked at the page')
            assert.deepEqual(light.violations, [], 'light')
            await page.emulateMedia({ colorScheme: 'dark' })
            const dark = await examine(page, rulesOfColours)
            assert.ok(dark.passes > 0, 'axe has looked at the colours')
            assert.deepEqual(dark.violations, [], 'dark')
          })
        }
      }
    })
  }
})

/** What axe-core finds wrong by some rules, or by all of them, best practices included; and how many rules are kept. */
function examine(
  page: Page,
  rules?: string[],
): Promise<{ violations: { rule: string; elements: string[] }[]; passes: number }> {
  return page.evaluate(async (rules) => {
    const { axe } = globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } }
    const { violations, passes } = await axe.run(rules ? { runOnly: rules } : {})
    return {
      violations: violations.map(({ id, nodes }) => ({ rule: id, elements: nodes.map(({ html }) => html) })),
      passes: passes.length,
    }
  }, rules)
}
