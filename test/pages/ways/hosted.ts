import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import type { PageName } from '../../../src/pages/samples.ts'
import {
  authorizePath,
  freshPerson,
  register,
  reset,
  send,
  tokenMailed,
  webClient,
} from '../../dialects/pm2/door.ts'
import {
  answerChallenge,
  challengeFor,
  registerWithSecondFactor,
  wrongCode,
} from '../../dialects/wolfpal/door.ts'
import { mailVerification } from '../../harness/doors.ts'
import { freshEmail, mailCausedBy, type TestServer } from '../../harness/harness.ts'
import { changeMail, confirm, pathOf, provenPerson } from '../account/names.ts'
import { openAccount } from './account.ts'
import type { ProviderPage } from './provider.ts'
import { type OpenidPage, open, submit, type Ways } from './ways.ts'

type HostedPage = Exclude<PageName, `account-${string}` | `dev-${string}` | OpenidPage | ProviderPage>

/** Ways to the pages of sign-in, recovery and mailed links. */
export function waysToHostedPages(server: TestServer): Ways<HostedPage> {
  const openSignIn = (page: Page) => open(server, page, authorizePath(webClient))
  const openSecondFactor = async (page: Page) => {
    const person = await registerWithSecondFactor(server)
    await openSignIn(page)
    await submit(page, { identifier: person.username, password: person.password })
    return person
  }
  const openRecoveryCode = async (page: Page) => {
    const person = await openSecondFactor(page)
    const answered = page.waitForResponse((response) => response.request().method() === 'POST')
    await page.locator('form[action$="/recovery-code"] button').click()
    await answered
    await page.waitForLoadState()
    return person
  }
  const openReset = async (page: Page) => {
    const { email } = await register(server)
    const token = await tokenMailed(server, { to: email, subject: reset }, () =>
      send(server, 'POST', '/reset_password', { json: { email } }),
    )
    await open(server, page, `/ui/reset-password?token=${token}`)
  }
  const openVerify = async (page: Page) => {
    const code = await mailVerification(server, freshEmail())
    await open(server, page, `/ui/verify-email?token=${code}`)
  }

  const openSignUp = async (page: Page) => {
    await openSignIn(page)
    await page.locator('a[href$="/sign-up"]').click()
    await page.waitForLoadState()
  }

  return {
    'sign-up': {
      'as it is opened': openSignUp,
      'with a problem': async (page) => {
        await openSignUp(page)
        await submit(page, { email: freshEmail(), password: 'passwordpassword1' })
      },
    },
    'check-your-mail': {
      'as it is reached': async (page) => {
        await openSignUp(page)
        await submit(page, { email: freshEmail(), password: 'another password altogether' })
      },
      'after the mail was sent again': async (page) => {
        await openSignUp(page)
        await submit(page, { email: freshEmail(), password: 'another password altogether' })
        await submit(page, {})
      },
      'with a problem': async (page) => {
        await openSignUp(page)
        await submit(page, { email: freshEmail(), password: 'another password altogether' })
        await page.locator('input[name="form"]').evaluate((input) => input.setAttribute('value', 'x'))
        await submit(page, {})
      },
    },
    'choose-account': {
      'with a long name': async (page) => {
        const email = `${'a-long-name'.repeat(5)}-${freshEmail()}`
        await openAccount(
          server,
          page,
          '/ui/account',
          await register(server, { person: { ...freshPerson(), email } }),
        )
        await openSignIn(page)
        await page.setViewportSize({ width: 320, height: 700 })
        assert.equal(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0)
        await page.setViewportSize({ width: 1280, height: 720 })
      },
      'as it is reached': async (page) => {
        await openAccount(server, page, '/ui/account')
        await openSignIn(page)
      },
    },
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
    'recovery-code': {
      'as it is opened': openRecoveryCode,
      'with a problem': async (page) => {
        await openRecoveryCode(page)
        await submit(page, { code: 'none' })
      },
    },
    'few-recovery-codes': {
      'as it is reached': async (page) => {
        const person = await openRecoveryCode(page)
        const [last = '', ...codes] = person.backupCodes
        for (const code of codes.slice(0, 6))
          await answerChallenge(server, await challengeFor(server, person), code)
        await submit(page, { code: last })
      },
    },
    'mailed-sign-in': {
      'as it is opened': async (page) => {
        const to = freshEmail()
        const mail = await mailCausedBy(server, { to, subject: /^Sign in/ }, async () => {
          await server.request('POST', '/auth/v1/otp', { json: { email: to } })
        })
        await open(server, page, pathOf(mail))
      },
    },
    'forgot-password': {
      'as it is opened': async (page) => {
        await openSignIn(page)
        await open(server, page, '/ui/forgot-password')
      },
      'with a problem': async (page) => {
        await openSignIn(page)
        await open(server, page, '/ui/forgot-password')
        // What the browser lets pass and the server does not: it is the address of a machine in other words.
        await submit(page, { email: 'a@0x7f.1' })
      },
    },
    'forgot-password-done': {
      'as it is reached': async (page) => {
        await openSignIn(page)
        await open(server, page, '/ui/forgot-password')
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
    'link-invalid': { 'as it is reached': (page) => open(server, page, '/ui/reset-password?token=none') },
    'verify-email': { 'as it is opened': openVerify },
    'verify-email-done': {
      'with a sign-in to go on to': async (page) => {
        await openSignIn(page)
        await open(server, page, '/ui/verify-email-done')
      },
      'as it is reached': async (page) => {
        await openVerify(page)
        await submit(page, {})
      },
    },
    failure: {
      'for a sign-in that is over': (page) => open(server, page, '/ui/sign-in'),
      'for a page that is not there': (page) => open(server, page, '/ui/no-such-page'),
      'for a sign-in of nobody': (page) => open(server, page, '/api/oauth/authorize?client_id=nobody'),
    },
    'undo-change': {
      'as it is opened': async (page) => {
        const { person, browser } = await provenPerson(server)
        const mail = await changeMail(server, browser, freshEmail())
        const notice = await mailCausedBy(server, { to: person.email, subject: /was changed/ }, () =>
          confirm(browser, mail),
        )
        await open(server, page, pathOf(notice))
      },
    },
    'signed-out': {
      'as it is reached': (page) => open(server, page, '/ui/signed-out'),
      'with an app to go back to': (page) =>
        open(server, page, `/ui/signed-out?dialect=pm2&client=${webClient}`),
    },
  }
}
