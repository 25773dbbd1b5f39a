import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { addClient } from '../../../src/core/clients/admin.ts'
import { freshPerson, register } from '../../dialects/pm2/door.ts'
import type { TestServer } from '../../harness/harness.ts'
import { withRealm } from '../../harness/realm.ts'
import { type AppBrowser, appBrowser } from '../../openid/browser.ts'
import { formsOf } from '../html.ts'
import { type OpenidPage, open, submit, type Ways } from './ways.ts'

const app = 'tried-app'
const redirectUri = 'https://tried.example/callback'

/** Registers an app that is not of the house, which the server knows at once. */
async function registerApp(server: TestServer): Promise<void> {
  await withRealm(server, (ctx) =>
    addClient(ctx, {
      dialect: 'openid',
      id: app,
      kind: 'registered',
      origins: [],
      redirectUris: [redirectUri],
      frontEndUrl: 'https://tried.example',
      brand: { name: 'Tried App' },
      settings: {
        firstParty: false,
        authMethod: 'none',
        grants: ['authorization_code', 'refresh_token', 'device_code'],
      },
    }),
  )
  await server.maintain()
}

/** The address that the app sends browsers to. */
const authorizePath = `/oidc/authorize?${new URLSearchParams({
  client_id: app,
  redirect_uri: redirectUri,
  response_type: 'code',
  scope: 'openid profile email offline_access',
  prompt: 'consent',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
})}`

/** Somebody who has come from the app and signed in: what is asked next, in a browser without a script. */
async function askedByApp(server: TestServer) {
  await registerApp(server)
  const { username, password } = await register(server, { person: freshPerson() })
  const browser = appBrowser(server)
  const signIn = await browser.visit(authorizePath)
  const consent = await browser.send(signIn, { identifier: username, password })
  assert.match(consent.text, /value="allow"/)
  return { browser, consent }
}

/** Gives the cookies of one browser to another. */
async function hand(server: TestServer, { cookies }: AppBrowser, page: Page): Promise<void> {
  const { port } = new URL(server.url)
  await page.context().addCookies(
    [...cookies].map(([name, value]) => {
      const isOfHost = name.startsWith('__Host-')
      const url = isOfHost ? 'https://localhost/' : `http://localhost:${port}/`
      return { name, value, url, secure: isOfHost, httpOnly: true }
    }),
  )
}

/** Ways to the pages that browsers come to by OpenID Connect. */
export function waysToOpenidPages(server: TestServer): Ways<OpenidPage | 'account-apps'> {
  const openConsent = async (page: Page) => {
    const { browser, consent } = await askedByApp(server)
    await hand(server, browser, page)
    await open(server, page, formsOf(consent)[0]?.action ?? '')
  }
  const openDevice = (page: Page) => open(server, page, '/oidc/device')
  const openDeviceConfirm = async (page: Page) => {
    await registerApp(server)
    const form = { client_id: app, scope: 'openid' }
    const { body } = await server.request('POST', '/oidc/device/code', { form })
    await openDevice(page)
    await submit(page, { user_code: body.user_code })
  }
  return {
    consent: {
      'as it is reached': openConsent,
      'with a problem': async (page) => {
        await openConsent(page)
        await page.locator('main input[name="form"]').evaluate((input) => input.setAttribute('value', 'x'))
        const answered = page.waitForResponse((response) => response.request().method() === 'POST')
        await page.locator('button[value="allow"]').click()
        await answered
        await page.getByRole('alert').waitFor()
      },
    },
    device: {
      'as it is opened': openDevice,
      'with a problem': async (page) => {
        await openDevice(page)
        await submit(page, { user_code: 'BCDF-GHJK' })
      },
    },
    'device-confirm': { 'as it is reached': openDeviceConfirm },
    'device-done': {
      refused: async (page) => {
        await openDeviceConfirm(page)
        await page.locator('button[name="abort"]').click()
        await page.waitForLoadState()
      },
    },
    logout: {
      'of whoever is signed in': async (page) => {
        const { browser } = await askedByApp(server)
        await hand(server, browser, page)
        await open(server, page, `/oidc/logout?client_id=${app}`)
      },
    },
    'logged-out': {
      'of everything': (page) => open(server, page, '/oidc/logout/success'),
      'of one app': async (page) => {
        await registerApp(server)
        await open(server, page, `/oidc/logout/success?client_id=${app}`)
      },
    },
    'account-apps': {
      'with none': async (page) => {
        const { browser } = await askedByApp(server)
        await hand(server, browser, page)
        await open(server, page, '/ui/account/apps')
      },
      'with one that was allowed something': async (page) => {
        const { browser, consent } = await askedByApp(server)
        await browser.send(consent, {}, 'allow')
        await hand(server, browser, page)
        await open(server, page, '/ui/account/apps')
        await page.locator('summary').click()
      },
    },
  }
}
