import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import {
  authorizePath,
  password,
  refresh,
  register,
  reset,
  send,
  tokenMailed,
  webClient,
  whoAmI,
} from '../dialects/pm2/door.ts'
import { nextCode, registerWithSecondFactor, wrongCode } from '../dialects/wolfpal/door.ts'
import { eventually } from '../harness/events.ts'
import { useServer } from '../harness/harness.ts'
import { type AppServer, launchBrowser, noBrowser, startApp } from './browser.ts'

const languages = {
  'en-GB': {
    language: 'en',
    title: 'Sign in',
    identifier: 'E-mail address or user name',
    password: 'Password',
    signIn: 'Sign in',
    wrong: 'The e-mail address, the user name or the password is not right.',
    problem: 'Problem:',
    code: 'Code',
    wrongCode: 'The code is not right. Wait for the next one and try again.',
    newPassword: 'New password',
    setPassword: 'Set password',
    passwordIsSet: 'Your password is set',
    linkInvalid: 'This link is no longer valid',
  },
  'nb-NO': {
    language: 'nb',
    title: 'Logg inn',
    identifier: 'E-postadresse eller brukernavn',
    password: 'Passord',
    signIn: 'Logg inn',
    wrong: 'E-postadressen, brukernavnet eller passordet er ikke riktig.',
    problem: 'Feil:',
    code: 'Kode',
    wrongCode: 'Koden er ikke riktig. Vent på den neste og prøv igjen.',
    newPassword: 'Nytt passord',
    setPassword: 'Lagre passordet',
    passwordIsSet: 'Passordet er lagret',
    linkInvalid: 'Denne lenken er ikke lenger gyldig',
  },
}

// A browser cannot tell one database from the other; sign-in.test.ts sends what it sends on both.
describe('in a browser without JavaScript the hosted pages', { skip: noBrowser }, () => {
  const server = useServer('sqlite')
  let browser: Browser
  let app: AppServer
  before(async () => {
    app = await startApp()
    browser = await launchBrowser()
  })
  after(async () => {
    await browser?.close()
    await app?.close()
  })

  /** A person at a browser of their own, and what their browser complains of. */
  async function withPage(locale: string, visit: (page: Page, complaints: string[]) => Promise<void>) {
    const context: BrowserContext = await browser.newContext({ locale, javaScriptEnabled: false })
    try {
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('console', (message) => complaints.push(message.text()))
      await visit(page, complaints)
    } finally {
      await context.close()
    }
  }

  const origin = () => server.url.replace('127.0.0.1', 'localhost')
  const appUri = () => `http://localhost:${app.port}/`
  const openSignIn = (page: Page, redirectUri = appUri()) =>
    page.goto(`${origin()}${authorizePath(webClient, redirectUri)}`)

  /** That the browser is back at the app, with exactly this; the refresh token. */
  function assertBack(page: Page): string {
    const token = new URL(page.url()).searchParams.get('access_token') ?? ''
    const target = `/?access_token=${token}&token_type=refresh_token`
    assert.equal(page.url(), `http://localhost:${app.port}${target}`)
    assert.deepEqual(app.visits.at(-1), { target, referrer: undefined })
    return token
  }

  const atApp = (page: Page) => page.waitForURL(({ port }) => port === String(app.port))

  /** Waits until what is typed goes into that field. */
  const cursorIn = (page: Page, label: string) => page.getByLabel(label).and(page.locator(':focus')).waitFor()

  async function assertSignedIn(token: string, username: string): Promise<void> {
    const { status, body, text } = await refresh(server, token, webClient)
    assert.equal(status, 200, text)
    assert.equal((await whoAmI(server, body.access_token)).body.username, username)
  }

  for (const [locale, texts] of Object.entries(languages)) {
    describe(`in ${locale}`, () => {
      it('sign a person in and lead back to the app', async () => {
        const person = await register(server)
        await withPage(locale, async (page, complaints) => {
          await openSignIn(page)
          assert.match(page.url(), /\/ui\/l\/[\da-f-]{36}\/sign-in$/)
          assert.equal(await page.title(), texts.title)
          assert.equal(await page.locator('html').getAttribute('lang'), texts.language)
          // The cursor waits in the first field, and the keyboard is enough.
          await cursorIn(page, texts.identifier)
          await page.keyboard.type(person.username)
          await page.keyboard.press('Tab')
          await page.keyboard.type(password)
          await page.keyboard.press('Enter')
          await atApp(page)
          await assertSignedIn(assertBack(page), person.username)
          assert.deepEqual(await page.context().cookies(), [])
          assert.deepEqual(complaints, [])
        })
      })

      it('report errors where a screen reader finds them', async () => {
        const person = await register(server)
        await withPage(locale, async (page) => {
          await openSignIn(page)
          await page.getByLabel(texts.identifier).fill(person.email)
          await page.getByLabel(texts.password).fill('wrong-password')
          await page.getByRole('button', { name: texts.signIn }).click()
          assert.equal(await page.getByRole('alert').innerText(), texts.wrong)
          assert.equal(await page.title(), `${texts.problem} ${texts.title}`)
          const field = page.getByLabel(texts.password)
          assert.equal(
            await field.getAttribute('aria-describedby'),
            await page.getByRole('alert').getAttribute('id'),
          )
          assert.equal(await field.getAttribute('aria-invalid'), 'true')
          assert.equal(await page.getByLabel(texts.identifier).inputValue(), person.email)
          assert.equal(await field.inputValue(), '')
          // The cursor waits where something is to be typed anew.
          await cursorIn(page, texts.password)
          await page.keyboard.type(password)
          await page.keyboard.press('Enter')
          await atApp(page)
          await assertSignedIn(assertBack(page), person.username)
        })
      })

      it('ask for the code of the second factor', async () => {
        const person = await registerWithSecondFactor(server)
        await withPage(locale, async (page) => {
          await openSignIn(page)
          await page.getByLabel(texts.identifier).fill(person.username)
          await page.getByLabel(texts.password).fill(password)
          const visits = app.visits.length
          await page.getByRole('button', { name: texts.signIn }).click()
          await page.getByLabel(texts.code).fill(wrongCode(server, person.secret))
          await page.getByRole('button', { name: texts.signIn }).click()
          assert.equal(await page.getByRole('alert').innerText(), texts.wrongCode)
          assert.equal(app.visits.length, visits)
          await cursorIn(page, texts.code)
          await page.keyboard.type(nextCode(server, person.secret))
          await page.keyboard.press('Enter')
          await atApp(page)
          await assertSignedIn(assertBack(page), person.username)
        })
      })

      it('accept a new password by the link of a mail', async () => {
        const person = await register(server)
        const token = await tokenMailed(server, { to: person.email, subject: reset }, () =>
          send(server, 'POST', '/reset_password', { json: { email: person.email } }),
        )
        await withPage(locale, async (page) => {
          const link = `${origin()}/api/oauth/reset_password/${token}`
          await page.goto(link)
          await page.getByLabel(texts.newPassword).fill('another password altogether')
          await page.getByRole('button', { name: texts.setPassword }).click()
          assert.equal(await page.getByRole('heading').innerText(), texts.passwordIsSet)
          await page.goto(link)
          assert.equal(await page.getByRole('heading').innerText(), texts.linkInvalid)
          await openSignIn(page)
          await page.getByLabel(texts.identifier).fill(person.email)
          await page.getByLabel(texts.password).fill('another password altogether')
          await page.getByRole('button', { name: texts.signIn }).click()
          await atApp(page)
          await assertSignedIn(assertBack(page), person.username)
        })
      })
    })
  }

  it('lead back without the query and the fragment of the page that the person came from', async () => {
    const person = await register(server)
    await withPage('en-GB', async (page) => {
      // Not encoded: that is how `@pm2/js-api` sends a browser here.
      const here = `${appUri()}?tab=1#/bucket/7?x=1`
      await page.goto(`${origin()}${authorizePath(webClient)}&redirect_uri=${here}`)
      await page.getByLabel('E-mail address or user name').fill(person.username)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await atApp(page)
      await assertSignedIn(assertBack(page), person.username)
    })
  })

  it('refuse to be framed by another site', async () => {
    await withPage('en-GB', async (page) => {
      await openSignIn(page)
      // Another port is another origin, and yet it is sent the cookie.
      await page.goto(appUri())
      await page.setContent(`<iframe src="${origin()}/ui/sign-in"></iframe>`)
      await eventually('the browser to refuse the frame', async () =>
        page.frames().find((frame) => frame.url().startsWith('chrome-error:')),
      )
      await page.goto(`${origin()}/ui/sign-in`)
      assert.equal(await page.title(), 'Sign in')
    })
  })

  // Of another site, and another origin of the same site.
  for (const host of ['127.0.0.1', 'localhost']) {
    it(`accept no form of a page of ${host}`, async () => {
      const attacker = await register(server)
      const fields = { identifier: attacker.username, password, form: 'x' }
      const inputs = Object.entries(fields).map(([name, value]) => `<input name="${name}" value="${value}">`)
      const form = `<form method="post" action="${origin()}/ui/sign-in">${inputs.join('')}<button>Go</button></form>`
      await withPage('en-GB', async (page) => {
        await openSignIn(page)
        await page.goto(appUri().replace('localhost', host))
        await page.setContent(form)
        await page.getByRole('button').click()
        await page.waitForURL(`${origin()}/ui/sign-in`)
        assert.match(await page.locator('main').innerText(), /This form came from another website/)
        await page.goto(`${origin()}/ui/sign-in`)
        assert.equal(await page.title(), 'Sign in')
      })
    })
  }
})
