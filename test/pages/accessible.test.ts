import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, describe, it } from 'node:test'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import type { PageName } from '../../src/pages/samples.ts'
import { authorizePath, register, reset, send, tokenMailed, webClient } from '../dialects/pm2/door.ts'
import { registerWithSecondFactor, wrongCode } from '../dialects/wolfpal/door.ts'
import { mailVerification } from '../harness/doors.ts'
import { freshEmail, useServer } from '../harness/harness.ts'
import { launchBrowser, noBrowser } from './browser.ts'

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

  const open = (page: Page, path: string) =>
    page.goto(`${server.url.replace('127.0.0.1', 'localhost')}${path}`)
  const openSignIn = (page: Page) => open(page, authorizePath(webClient))
  const submit = async (page: Page, fields: Record<string, string>) => {
    for (const [name, value] of Object.entries(fields))
      await page.locator(`input[name="${name}"]`).fill(value)
    const answered = page.waitForResponse((response) => response.request().method() === 'POST')
    await page.locator('button[type="submit"]').click()
    await answered
    await page.waitForLoadState()
  }
  const openSecondFactor = async (page: Page) => {
    const person = await registerWithSecondFactor(server)
    await openSignIn(page)
    await submit(page, { identifier: person.username, password: person.password })
    return person
  }
  const openReset = async (page: Page) => {
    const { email } = await register(server)
    const token = await tokenMailed(server, { to: email, subject: reset }, () =>
      send(server, 'POST', '/reset_password', { json: { email } }),
    )
    await open(page, `/ui/reset-password?token=${token}`)
  }
  const openVerify = async (page: Page) => {
    const code = await mailVerification(server, freshEmail())
    await open(page, `/ui/verify-email?token=${code}`)
  }

  /** Ways to every page, and to every state of it. One that is missing does not compile. */
  const ways: Record<PageName, Record<string, (page: Page) => Promise<unknown>>> = {
    'sign-in': {
      'as it is opened': openSignIn,
      'with a problem': async (page) => {
        await openSignIn(page)
        await submit(page, { identifier: 'nobody', password: 'wrong-password' })
      },
    },
    'second-factor': {
      'as it is opened': openSecondFactor,
      'with a problem': async (page) => {
        const person = await openSecondFactor(page)
        await submit(page, { code: wrongCode(server, person.secret) })
      },
    },
    'forgot-password': {
      'as it is opened': async (page) => {
        await openSignIn(page)
        await open(page, '/ui/forgot-password')
      },
      'with a problem': async (page) => {
        await openSignIn(page)
        await open(page, '/ui/forgot-password')
        // What the browser lets pass and the server does not: it is the address of a machine in other words.
        await submit(page, { email: 'a@0x7f.1' })
      },
    },
    'forgot-password-done': {
      'as it is reached': async (page) => {
        await openSignIn(page)
        await open(page, '/ui/forgot-password')
        await submit(page, { email: freshEmail() })
      },
    },
    'reset-password': {
      'as it is opened': openReset,
      'with a problem': async (page) => {
        await openReset(page)
        await page.locator('input[name="password"]').evaluate((input) => input.removeAttribute('minlength'))
        await submit(page, { password: 'short' })
      },
    },
    'reset-password-done': {
      'as it is reached': async (page) => {
        await openReset(page)
        await submit(page, { password: 'another password altogether' })
      },
    },
    'link-invalid': { 'as it is reached': (page) => open(page, '/ui/reset-password?token=none') },
    'verify-email': { 'as it is opened': openVerify },
    'verify-email-done': {
      'as it is reached': async (page) => {
        await openVerify(page)
        await submit(page, {})
      },
    },
    failure: {
      'for a sign-in that is over': (page) => open(page, '/ui/sign-in'),
      'for a page that is not there': (page) => open(page, '/ui/no-such-page'),
      'for a sign-in of nobody': (page) => open(page, '/api/oauth/authorize?client_id=nobody'),
    },
    'dev-home': { 'as it is opened': (page) => open(page, '/') },
    'dev-mailbox': {
      'as it is opened': async (page) => {
        await register(server)
        await open(page, '/dev/mailbox')
      },
    },
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
