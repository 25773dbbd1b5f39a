import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { type Person, register } from '../harness/doors.ts'
import type { PagesApp } from '../harness/pages-app.ts'
import { noBrowser } from '../pages/browser.ts'
import { useChromium } from './chromium.ts'
import { startSinglePageApp } from './single-page-app.ts'

/** What the app has of its user, as `oidc-client-ts` keeps it. */
interface User {
  access_token: string
  refresh_token?: string
  id_token: string
  profile: Record<string, unknown>
}

describe('oidc-client-ts in a browser', { skip: noBrowser }, () => {
  const apps: Record<string, PagesApp> = {}
  before(async () => {
    for (const id of ['first', 'second']) apps[id] = await startSinglePageApp(id, () => suite.issuer)
  })
  after(async () => {
    for (const app of Object.values(apps)) await app.close()
  })
  const suite = useChromium(() =>
    Object.entries(apps).map(([id, { origin }]) => ({
      id,
      redirectUris: [`${origin}/callback`],
      origins: [origin],
      settings: { authMethod: 'none', postLogoutRedirectUris: [`${origin}/`] },
    })),
  )

  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
  const said = (page: Page, text: string) => page.getByRole('status').getByText(text).waitFor()
  const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor()
  const userOf = (page: Page) => page.evaluate<User>('window.user')

  async function signIn(page: Page, id: string, person?: Person): Promise<User> {
    await page.goto(`${apps[id]?.origin}/`)
    await heading(page, 'Nobody is signed in')
    await press(page, 'Sign in')
    if (person) {
      await page.locator('#identifier').pressSequentially(person.email)
      await page.locator('#password').pressSequentially(person.password)
      await press(page, 'Sign in')
    }
    await heading(page, 'Hello')
    return userOf(page)
  }
  const userinfo = async ({ access_token: bearer }: User) =>
    (await suite.server.request('GET', '/oidc/userinfo', { bearer })).status

  it('signs somebody in, renews silently, is known to a second app without a page, revokes and signs out', () =>
    suite.inBrowser({}, async (page) => {
      const person = await register(suite.server)
      const first = await signIn(page, 'first', person)
      assert.equal(first.profile.iss, suite.issuer)
      assert.equal(first.profile.email, person.email)
      assert.equal(first.profile.email_verified, true)
      assert.ok(first.refresh_token)

      await press(page, 'Renew')
      await said(page, 'renew: done')
      const renewed = await userOf(page)
      assert.notEqual(renewed.access_token, first.access_token)
      assert.notEqual(renewed.refresh_token, first.refresh_token)
      assert.equal(renewed.profile.sub, first.profile.sub)

      const seen: string[] = []
      page.on('framenavigated', (frame) => seen.push(frame.url()))
      const second = await signIn(page, 'second')
      assert.equal(second.profile.sub, first.profile.sub)
      assert.ok(!seen.some((url) => url.startsWith(`${suite.issuer}/`)), seen.join('\n'))

      await press(page, 'Revoke')
      await said(page, 'revoke: done')
      assert.equal(await userinfo(second), 401)
      assert.equal(await userinfo(renewed), 200)

      await page.goto(`${apps.first?.origin}/`)
      await heading(page, `Hello, ${person.email}`)
      await press(page, 'Sign out')
      await heading(page, 'Sign out?')
      await press(page, 'Sign out of everything in this browser')
      await heading(page, 'Nobody is signed in')
      assert.equal(new URL(page.url()).origin, apps.first?.origin)
      assert.equal(await userinfo(renewed), 401)

      await press(page, 'Sign in')
      await page.locator('#identifier').waitFor()
    }))
})
