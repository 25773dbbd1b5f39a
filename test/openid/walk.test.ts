import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { type Person, register } from '../harness/doors.ts'
import { type AppServer, noBrowser, startApp } from '../pages/browser.ts'
import { fits, measureLayout } from '../pages/layout.ts'
import { useChromium } from './chromium.ts'

const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

const windows: Record<string, BrowserContextOptions> = {
  'the smallest telephone': { viewport: { width: 320, height: 568 }, isMobile: true, hasTouch: true },
  'a desk': { viewport: { width: 1280, height: 800 } },
}

describe('the walk of a person whom an app sends', { skip: noBrowser }, () => {
  let app: AppServer
  before(async () => {
    app = await startApp()
  })
  after(() => app?.close())
  const suite = useChromium(() => [
    {
      id: 'partner',
      redirectUris: [`${place()}/callback`],
      brand: { name: 'Partner of the House' },
      settings: { authMethod: 'none', firstParty: false, postLogoutRedirectUris: [`${place()}/bye`] },
    },
    {
      id: 'television',
      redirectUris: [],
      brand: { name: 'Television' },
      settings: { authMethod: 'none', grants: ['device_code'] },
    },
  ])

  const place = () => `http://127.0.0.1:${app.port}`
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
  /** That a page has come, and fits into the window. */
  const see = async (page: Page, name: string) => {
    await page.getByRole('heading', { level: 1, name }).waitFor()
    assert.deepEqual(await measureLayout(page), fits, name)
  }
  const signIn = async (page: Page, { email, password }: Person) => {
    await page.locator('#identifier').pressSequentially(email)
    await page.locator('#password').pressSequentially(password)
    await press(page, 'Sign in')
  }
  const ask = async (form: Record<string, string>) =>
    suite.server.request('POST', '/oidc/token', { form: { redirect_uri: `${place()}/callback`, ...form } })
  const userinfo = async (bearer: string) =>
    (await suite.server.request('GET', '/oidc/userinfo', { bearer })).status

  async function allow(page: Page, person: Person): Promise<string> {
    const query = new URLSearchParams({
      client_id: 'partner',
      redirect_uri: `${place()}/callback`,
      response_type: 'code',
      scope: 'openid profile email',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    })
    await page.goto(`${suite.issuer}/oidc/authorize?${query}`)
    await signIn(page, person)
    await see(page, 'Partner of the House wants to use your account')
    await page.getByText(person.email).waitFor()
    await page.getByRole('listitem').getByText('see your e-mail address').waitFor()
    await page.locator('button[value=allow]').click()
    await page.waitForURL(`${place()}/callback?*`)
    const code = new URL(page.url()).searchParams.get('code') ?? assert.fail(page.url())
    const { status, body, text } = await ask({
      grant_type: 'authorization_code',
      client_id: 'partner',
      code,
      code_verifier: verifier,
    })
    assert.equal(status, 200, text)
    return body.access_token
  }

  async function withdraw(page: Page, accessToken: string): Promise<void> {
    assert.equal(await userinfo(accessToken), 200)
    await page.goto(`${suite.issuer}/ui/account/apps`)
    await see(page, 'Apps')
    await page.locator('summary').click()
    await page.getByRole('listitem').getByText('see your e-mail address').waitFor()
    assert.deepEqual(await measureLayout(page), fits)
    await page.locator('form[action="/ui/account/apps/withdraw"] button').click()
    await page.getByRole('status').waitFor()
    assert.equal(await page.getByText('Partner of the House').count(), 1, 'the notice alone names it')
    assert.equal(await userinfo(accessToken), 401)
  }

  async function signInDevice(page: Page): Promise<void> {
    const asked = await suite.server.request('POST', '/oidc/device/code', {
      form: { client_id: 'television', scope: 'openid' },
    })
    const { user_code: userCode, device_code, verification_uri: verificationUri } = asked.body
    await page.goto(verificationUri)
    await see(page, 'Sign in on a device')
    await page.locator('#user_code').pressSequentially(userCode.toLowerCase().replace('-', ' '))
    await press(page, 'Continue')
    await see(page, 'Is this your device?')
    await page.getByText(userCode, { exact: true }).waitFor()
    await page.locator('button[name=confirm]').click()
    await see(page, 'Your device is signed in')
    const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'
    const { status, text } = await ask({ grant_type, client_id: 'television', device_code })
    assert.equal(status, 200, text)
  }

  async function signOut(page: Page): Promise<void> {
    const query = new URLSearchParams({
      client_id: 'partner',
      post_logout_redirect_uri: `${place()}/bye`,
    })
    await page.goto(`${suite.issuer}/oidc/logout?${query}`)
    await see(page, 'Sign out?')
    await press(page, 'Sign out of everything in this browser')
    await page.waitForURL(`${place()}/bye`)
    await page.goto(`${suite.issuer}/oidc/logout`)
    await see(page, 'You are signed out')
    await page.goto(`${suite.issuer}/ui/account/apps`)
    await page.locator('#identifier').waitFor()
  }

  for (const [name, options] of Object.entries(windows))
    it(`at ${name}: allows, takes back, signs a device in, and signs out`, () =>
      suite.inBrowser(options, async (page) => {
        const person = await register(suite.server)
        await withdraw(page, await allow(page, person))
        await signInDevice(page)
        await signOut(page)
      }))
})
