import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { type Person, register } from '../../dialects/pm2/door.ts'
import { nextCode, registerWithSecondFactor } from '../../dialects/wolfpal/door.ts'
import { eventually } from '../../harness/events.ts'
import { startTestServer, type TestServer } from '../../harness/harness.ts'
import { withAuthenticator, withoutAutofill } from '../authenticator.ts'
import { freePort, launchBrowser, noBrowser } from '../browser.ts'
import { submit } from '../ways/ways.ts'

describe('a passkey in a browser', { skip: noBrowser }, () => {
  let server: TestServer
  let browser: Browser
  let url: string
  before(async () => {
    const port = await freePort()
    url = `http://localhost:${port}`
    server = await startTestServer('sqlite', { env: { PORT: String(port), MANYDOORS_PUBLIC_URL: url } })
    browser = await launchBrowser()
  })
  after(async () => {
    await browser?.close()
    await server?.close()
  })

  /** Runs a test in a new browser profile; what its pages write into the console is a failure. */
  async function inBrowser(
    test: (page: Page, context: BrowserContext) => Promise<void>,
    { javaScriptEnabled = true } = {},
  ): Promise<void> {
    const context = await browser.newContext({ javaScriptEnabled, serviceWorkers: 'block' })
    const said: string[] = []
    const page = await context.newPage()
    page.setDefaultTimeout(8_000)
    page.on('console', (message) => {
      // Of answers that are refusals: the browser says so by itself.
      if (!/Failed to load resource/.test(message.text())) said.push(message.text())
    })
    page.on('pageerror', (error) => said.push(String(error)))
    try {
      await test(page, context)
      assert.deepEqual(said, [])
    } finally {
      await context.close()
    }
  }
  const signIn = async (page: Page, person: Pick<Person, 'username' | 'password'>, path = '/ui/account') => {
    await page.goto(`${url}${path}`)
    await submit(page, { identifier: person.username, password: person.password })
  }
  const add = async (page: Page) => {
    await page.goto(`${url}/ui/account/passkeys/new`)
    await page.getByRole('button', { name: 'Make a passkey' }).click()
    await page.getByText('Passkey added').waitFor()
  }
  const signOut = async (page: Page) => {
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
  }
  const useButton = (page: Page) => page.getByRole('button', { name: 'Sign in with a passkey' }).click()

  it('is added at the account page, and signs in by its button from then on', () =>
    inBrowser(async (page) => {
      const person = await register(server)
      await withoutAutofill(page)
      await withAuthenticator(page)
      await signIn(page, person)
      await add(page)
      assert.match(
        await page.locator('section[aria-labelledby=passkeys] .items').innerText(),
        /Linux\s+Synced/,
      )
      await signOut(page)
      await page.goto(`${url}/ui/account`)
      await useButton(page)
      await page.getByText(person.email).first().waitFor()
    }))

  it('is offered by autofill where the name is typed', () =>
    inBrowser(async (page) => {
      const person = await register(server)
      await signIn(page, person)
      await withAuthenticator(page)
      await add(page)
      await signOut(page)
      await page.goto(`${url}/ui/account`)
      await page.getByText(person.email).first().waitFor()
    }))

  it('whose authenticator does not see its owner signs nobody in, and the page says so', () =>
    inBrowser(async (page) => {
      const person = await register(server)
      await withoutAutofill(page)
      const authenticator = await withAuthenticator(page)
      await signIn(page, person)
      await add(page)
      await signOut(page)
      await page.goto(`${url}/ui/account`)
      await authenticator.setVerified(false)
      await useButton(page)
      await page.getByText('No passkey was used').waitFor()
    }))

  it('that was put back from a copy is refused', () =>
    inBrowser(async (page) => {
      const person = await register(server)
      await withoutAutofill(page)
      const authenticator = await withAuthenticator(page)
      await signIn(page, person)
      await add(page)
      const [copy] = await authenticator.credentials()
      assert.ok(copy)
      for (let use = 0; use < 2; use++) {
        await signOut(page)
        await page.goto(`${url}/ui/account`)
        if (use === 1) await authenticator.restore({ ...copy, signCount: 0 })
        await useButton(page)
        await page
          .getByText(use === 0 ? person.email : 'This passkey cannot be used here')
          .first()
          .waitFor()
        if (use === 1) assert.match(await page.title(), /^Problem:/)
      }
    }))

  it('is not made twice on one device', () =>
    inBrowser(async (page) => {
      const person = await register(server)
      await withoutAutofill(page)
      await withAuthenticator(page)
      await signIn(page, person)
      await add(page)
      await page.goto(`${url}/ui/account/passkeys/new`)
      await page.getByRole('button', { name: 'Make a passkey' }).click()
      await page.getByText('This device already has a passkey for your account').waitFor()
    }))

  it('that was removed is gone from the browser, too, and from others when they use it', () =>
    inBrowser(async (page, context) => {
      const person = await register(server)
      await withoutAutofill(page)
      const authenticator = await withAuthenticator(page)
      await signIn(page, person)
      await add(page)
      const [kept] = await authenticator.credentials()
      assert.ok(kept)
      await page.getByRole('button', { name: /^Remove/ }).click()
      await page.getByText('Passkey removed').waitFor()
      await untilNoneIsKept(authenticator)
      await context.clearCookies()
      // Another browser still has it.
      await authenticator.restore(kept)
      await page.goto(`${url}/ui/account`)
      await useButton(page)
      await page.getByText('This passkey cannot be used here').waitFor()
      await untilNoneIsKept(authenticator)
    }))

  it('stands for the code after the password, and proves who is there', () =>
    inBrowser(async (page) => {
      const person = await registerWithSecondFactor(server)
      await withoutAutofill(page)
      await withAuthenticator(page)

      await signIn(page, person)
      await submit(page, { code: nextCode(server, person.secret) })
      await add(page)
      await signOut(page)
      await signIn(page, person)
      await page.getByRole('button', { name: 'Use a passkey' }).click()
      await page.getByText(person.email).first().waitFor()
      server.clock.advance(11 * 60_000)
      await page.goto(`${url}/ui/account/passkeys/new`)
      await page.getByRole('button', { name: 'Use a passkey' }).click()
      await page.getByRole('button', { name: 'Make a passkey' }).waitFor()
    }))

  it('is offered after a password where the device makes one, once in thirty days', () =>
    inBrowser(async (page) => {
      const person = await register(server)
      await withoutAutofill(page)
      await withAuthenticator(page)
      await signIn(page, person, '/ui/account?from=mail')
      await page.getByRole('heading', { name: 'Sign in faster next time' }).waitFor()
      await page.getByRole('link', { name: 'Not now' }).click()
      assert.equal(page.url(), `${url}/ui/account?from=mail`)
      await signOut(page)
      await signIn(page, person)
      assert.equal(page.url(), `${url}/ui/account`)
    }))

  it('that is made when it was offered leads on to where its owner was going', () =>
    inBrowser(async (page) => {
      const person = await register(server)
      await withoutAutofill(page)
      await withAuthenticator(page)
      await signIn(page, person, '/ui/account/activity?only=changes')
      await page.getByRole('link', { name: 'Add a passkey' }).click()
      await page.getByRole('button', { name: 'Make a passkey' }).click()
      await page.getByRole('status').getByText('Passkey added').waitFor()
      assert.equal(page.url(), `${url}/ui/account/activity?only=changes`)
    }))

  it('is not offered without a device that makes one', () =>
    inBrowser(async (page) => {
      await signIn(page, await register(server))
      assert.equal(page.url(), `${url}/ui/account`)
    }))

  it('shows no button where scripts are switched off', () =>
    inBrowser(
      async (page) => {
        const person = await register(server)
        await page.goto(`${url}/ui/account`)
        assert.equal(await page.locator('main').getByRole('button').count(), 1)
        await submit(page, { identifier: person.username, password: person.password })
        await page.goto(`${url}/ui/account/passkeys/new`)
        assert.equal(await page.getByRole('button', { name: 'Make a passkey' }).count(), 0)
        await page.getByText('scripts are turned off').waitFor()
      },
      { javaScriptEnabled: false },
    ))
})

function untilNoneIsKept({ credentials }: { credentials(): Promise<unknown[]> }): Promise<true> {
  return eventually('the browser to forget the passkey', async () =>
    (await credentials()).length === 0 ? true : undefined,
  )
}
