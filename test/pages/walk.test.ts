import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import * as wolfpal from '../dialects/wolfpal/door.ts'
import { minbil } from '../harness/doors.ts'
import { freshEmail, mailCausedBy, startTestServer, type TestServer } from '../harness/harness.ts'
import { withAuthenticator } from './authenticator.ts'
import { freePort, launchBrowser, noBrowser } from './browser.ts'

const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0'
const chrome =
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36'
const newPassword = 'quite another password than before'

describe('the walk of a person', { skip: noBrowser }, () => {
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

  /** Walks in a new browser profile: no page answers with a failure, and the browser's console stays empty. */
  async function inBrowser(
    locale: string,
    walk: (page: Page, said: string[]) => Promise<void>,
  ): Promise<void> {
    const context = await browser.newContext({ locale, serviceWorkers: 'block' })
    const page = await context.newPage()
    page.setDefaultTimeout(12_000)
    const said: string[] = []
    page.on('console', (message) => said.push(`${page.url()}: ${message.text()}`))
    page.on('pageerror', (error) => said.push(`${page.url()}: ${error}`))
    page.on('response', (answer) => {
      if (answer.status() >= 400) said.push(`${answer.status()} ${answer.url()}`)
    })
    try {
      await walk(page, said)
      assert.deepEqual(said, [])
    } finally {
      await context.close()
    }
  }

  const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor()
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
  const follow = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click()
  const fill = (page: Page, name: string, text: string) =>
    page.locator(`main input[name="${name}"]`).fill(text)
  /** The page of the link in the next mail to that address. */
  const openMail = async (page: Page, to: string, subject: RegExp, cause: () => Promise<unknown>) => {
    const { links } = await mailCausedBy(server, { to, subject }, cause)
    await page.goto(links[0] ?? assert.fail('no link'))
  }

  it('who signs up at wolfpal, and does with the account all that can be done', () =>
    inBrowser('en-GB', async (page, said) => {
      const person = wolfpal.freshPerson()
      await withAuthenticator(page)

      // The app's own form; its mail leads to a page of ours, as the app names none.
      await openMail(page, person.email, /^Confirm your e-mail/, () => wolfpal.signUp(server, person))
      await heading(page, 'Confirm your e-mail address')
      await press(page, 'Yes, that was me')
      await heading(page, 'Thank you')
      await follow(page, 'Sign in')

      await fill(page, 'identifier', person.email)
      await fill(page, 'password', person.password)
      await press(page, 'Sign in')
      await heading(page, 'Sign in faster next time')
      await follow(page, 'Not now')
      await heading(page, 'Profile')

      await follow(page, 'Security')
      await follow(page, 'Add a passkey')
      await press(page, 'Make a passkey')
      await page.getByRole('status').getByText('Passkey added').waitFor()
      await heading(page, 'Security')

      await press(page, 'Sign out')
      await heading(page, 'You are signed out')
      // The virtual owner takes what autofill offers.
      await follow(page, 'Sign in again')
      await heading(page, 'Profile')

      await seeDevices(page, person)

      await follow(page, 'Profile')
      const email = freshEmail()
      await page.locator('a[href="/ui/account/email"]').click()
      await fill(page, 'email', email)
      await openMail(page, email, /new e-mail address/, () => press(page, 'Send the link'))
      await openMail(page, person.email, /was changed/, () => press(page, 'Use this address'))
      await heading(page, 'Was this not you?')
      await press(page, 'It was not me: undo it')
      await fill(page, 'password', newPassword)
      await press(page, 'Set password')
      await heading(page, 'Your password is set')
      await signInAfterUndo(page, person.email, said)

      await follow(page, 'Data')
      await takeData(page, person.email, [person.password, newPassword])

      await follow(page, 'Delete my account')
      await fill(page, 'typed', person.email)
      await press(page, 'Delete my account')
      await page.getByText('Your account will be deleted on').waitFor()
      await press(page, 'Keep my account')
      await page.getByRole('status').waitFor()
      assert.equal(await page.getByText('Your account will be deleted on').count(), 0)
      await wolfpal.signIn(server, { ...person, password: newPassword })
    }))

  /** Two doors, two devices: one is signed out, and the other stays. */
  async function seeDevices(page: Page, person: wolfpal.Person): Promise<void> {
    const atWolfpal = wolfpal.tokensOf(await wolfpal.login(server, person, { 'user-agent': firefox }))
    const onPhone: Pick<TestServer, 'request'> = {
      request: (method, path, options) =>
        server.request(method, path, { ...options, headers: { 'user-agent': chrome } }),
    }
    const atMinbil = minbil.tokensOf(await minbil.signIn(onPhone, person))
    await follow(page, 'Devices')
    await heading(page, 'Devices')
    const devices = await page.locator('.items > li').allInnerTexts()
    assert.equal(devices.length, 3, devices.join('\n'))
    assert.match(devices[0] ?? '', /This device/)
    await press(page, 'Sign out Firefox on Windows')
    await page.getByRole('status').getByText('Signed out: Firefox on Windows').waitFor()
    assert.equal((await wolfpal.whoAmI(server, atWolfpal.access)).status, 401)
    assert.equal((await wolfpal.refresh(server, atWolfpal.refresh)).status, 401)
    minbil.tokensOf(await minbil.refresh(onPhone, atMinbil.refresh))
  }

  /** The passkey went with what else was set up lately: it is refused, and the new password is what signs in. */
  async function signInAfterUndo(page: Page, email: string, said: string[]): Promise<void> {
    await follow(page, 'Sign in')
    // Autofill has offered it once more; the page tells the browser to forget it.
    await page.getByRole('alert').getByText('This passkey cannot be used here').waitFor()
    for (const line of said.splice(0)) assert.match(line, /\/passkey(: Failed to load resource.* 401|$)/)
    await fill(page, 'identifier', email)
    await fill(page, 'password', newPassword)
    await press(page, 'Sign in')
    await heading(page, 'Profile')
    await page.getByText(email).first().waitFor()
    await follow(page, 'Security')
    await page.getByText('No passkey yet').waitFor()
  }

  /** The file holds what it should, and nothing that proves who somebody is. */
  async function takeData(page: Page, email: string, passwords: string[]): Promise<void> {
    const download = page.waitForEvent('download')
    await press(page, 'Download my data')
    const text = await readFile(await (await download).path(), 'utf8')
    const data = JSON.parse(text)
    assert.equal(data.account.email, email)
    assert.ok(data.sessions.length > 0 && data.audit.length > 5)
    const cookies = await page.context().cookies()
    const secrets = [...passwords, '$argon2', ...cookies.map(({ value }) => value)]
    for (const secret of secrets) if (secret.length > 2) assert.ok(!text.includes(secret), secret)
  }

  it('who signs up on our page in another language, which stays theirs', () =>
    inBrowser('nb-NO', async (page) => {
      const email = freshEmail()
      await page.goto(`${url}/ui/account/devices`)
      await follow(page, 'Ny her? Opprett en konto')
      await fill(page, 'email', email)
      await fill(page, 'password', newPassword)
      await openMail(page, email, /^Bekreft/, () => press(page, 'Opprett konto'))
      assert.equal(await page.locator('html').getAttribute('lang'), 'nb')
      await press(page, 'Ja, det var meg')
      await heading(page, 'Takk')
      await follow(page, 'Logg inn')
      await fill(page, 'identifier', email)
      await fill(page, 'password', newPassword)
      await press(page, 'Logg inn')
      // Where they were going in the first place.
      await heading(page, 'Enheter')
      assert.equal(new URL(page.url()).pathname, '/ui/account/devices')
    }))
})
