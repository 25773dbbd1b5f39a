import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { BrowserContext, Page } from 'playwright-core'
import { jsonOf } from '../../harness/command.ts'
import { eventually } from '../../harness/events.ts'
import { startTestServer, type TestServer } from '../../harness/harness.ts'
import type { PagesApp } from '../../harness/pages-app.ts'
import { freePort, launchBrowser, noBrowser } from '../../pages/browser.ts'
import { nextCode } from '../wolfpal/door.ts'
import { apikey, freshPerson, linkIn, mailOf, type Person, password } from './auth-js.ts'
import { startBrowserApp } from './browser-app.ts'

/** What a tab has of its session. */
interface Kept {
  access_token: string
  refresh_token: string
  user: { email: string }
}

const refreshing = '**/token?grant_type=refresh_token'

describe('auth-js in a browser', { skip: noBrowser }, () => {
  let app: PagesApp
  let server: TestServer
  let browser: Awaited<ReturnType<typeof launchBrowser>>
  before(async () => {
    const port = await freePort()
    const publicUrl = `http://localhost:${port}`
    app = await startBrowserApp(() => `${publicUrl}/auth/v1`)
    const client = {
      id: apikey,
      kind: 'default',
      origins: [app.origin],
      redirectUris: [`${app.origin}/welcome`],
    }
    const clients = [{ ...client, frontEndUrl: app.origin }]
    server = await startTestServer('sqlite', {
      env: { PORT: String(port), MANYDOORS_PUBLIC_URL: publicUrl },
      yaml: JSON.stringify({ realms: { main: { dialects: { gotrue: { clients, autoconfirm: true } } } } }),
    })
    browser = await launchBrowser()
  })
  after(async () => {
    await browser?.close()
    await server?.close()
    await app?.close()
  })

  /** So many tabs of one browser profile, at the app. */
  async function inTabs(count: number, search: string, visit: (tabs: Page[], first: Page) => Promise<void>) {
    const context = await browser.newContext({ locale: 'en-GB' })
    context.setDefaultTimeout(12_000)
    try {
      const tabs = await Promise.all(Array.from({ length: count }, () => openTab(context, search)))
      await visit(tabs, tabs[0] ?? assert.fail())
    } finally {
      await context.close()
    }
  }
  async function openTab(context: BrowserContext, search = ''): Promise<Page> {
    const tab = await context.newPage()
    await tab.goto(`${app.origin}/${search}`)
    await ready(tab)
    return tab
  }
  const ready = (tab: Page) => tab.locator('body[data-ready]').waitFor({ state: 'attached' })
  const told = (tab: Page, event: string) => tab.waitForFunction(`events.includes('${event}')`)
  const sessionOf = (tab: Page) =>
    tab.evaluate<Kept | null>('auth.getSession().then(({ data }) => data.session)')
  const emailOf = (tab: Page) =>
    tab.evaluate<string | null>('auth.getUser().then(({ data }) => data.user?.email ?? null)')
  /** The name of what it is refused with, if it is. */
  const refresh = (tab: Page) =>
    tab.evaluate<string | null>('auth.refreshSession().then(({ error }) => error?.name ?? null)')

  /** What a method of the client answers with, which must be no refusal. */
  async function call<Data>(tab: Page, method: string, input?: object): Promise<Data> {
    const { data, error } = await tab.evaluate<{ data: Data; error: string | null }>(
      `auth.${method}(${JSON.stringify(input) ?? ''}).then(({ data, error }) => ({ data, error: error && String(error) }))`,
    )
    assert.equal(error, null)
    return data
  }

  async function signUp(tab: Page): Promise<Person> {
    const person = freshPerson()
    await call(tab, 'signUp', person)
    return person
  }

  it('signs in in one tab, and shows it in the other', () =>
    inTabs(2, '', async ([first = assert.fail(), second = assert.fail()]) => {
      const { email } = await signUp(first)
      await told(second, 'SIGNED_IN')
      assert.equal(await emailOf(second), email)
      await first.reload()
      await ready(first)
      assert.equal((await sessionOf(first))?.user.email, email)
      assert.equal(await emailOf(first), email)
    }))

  it('signs out in one tab, and of the others', () =>
    inTabs(3, '', async (tabs, first) => {
      await signUp(first)
      await Promise.all(tabs.map((tab) => told(tab, 'SIGNED_IN')))
      const { access_token: bearer = '' } = (await sessionOf(first)) ?? {}
      assert.equal(await first.evaluate('auth.signOut().then(({ error }) => error)'), null)
      await Promise.all(tabs.map((tab) => told(tab, 'SIGNED_OUT')))
      assert.deepEqual(
        await Promise.all(tabs.map(sessionOf)),
        tabs.map(() => null),
      )
      assert.equal((await server.request('GET', '/auth/v1/user', { bearer })).status, 403)
    }))

  for (const search of ['', '?lock'])
    it(`keeps the session where all tabs refresh at once${search && ' with a lock'}`, () =>
      inTabs(4, search, async (tabs, first) => {
        const { email } = await signUp(first)
        await Promise.all(tabs.map((tab) => told(tab, 'SIGNED_IN')))
        const answers: [number, string][] = []
        first.context().on('response', async (answer) => {
          if (answer.url().includes('grant_type=refresh_token') && answer.request().method() === 'POST')
            answers.push([answer.status(), (await answer.json()).refresh_token])
        })
        for (const _ of ['once', 'twice']) {
          const refused = await Promise.all(tabs.map(refresh))
          // A tab drops what it has got when another has kept the same before.
          assert.deepEqual(
            refused.filter((name) => name && name !== 'AuthRefreshDiscardedError'),
            [],
          )
        }
        assert.ok(answers.length >= 2)
        assert.deepEqual([...new Set(answers.map(([status]) => status))], [200])
        assert.deepEqual(
          await Promise.all(tabs.map(emailOf)),
          tabs.map(() => email),
        )
        assert.equal(await refresh(first), null)
        for (const tab of tabs) assert.ok(!(await tab.evaluate<string[]>('events')).includes('SIGNED_OUT'))
      }))

  it('keeps the session when the answer to a refresh is lost', () =>
    inTabs(1, '', async (_, tab) => {
      const { email } = await signUp(tab)
      const first = await sessionOf(tab)
      let lost = 0
      await tab.route(refreshing, async (route) => {
        if (route.request().method() !== 'POST' || lost === 2) return route.continue()
        lost++
        assert.equal((await route.fetch()).status(), 200)
        return route.abort()
      })
      assert.equal(await refresh(tab), null)
      assert.equal(lost, 2)
      const second = await sessionOf(tab)
      assert.notEqual(second?.refresh_token, first?.refresh_token)
      assert.equal(await emailOf(tab), email)
      assert.equal(await refresh(tab), null)
    }))

  it('waits when it is refused for a while, and keeps its session', () =>
    inTabs(1, '', async (_, tab) => {
      const { email } = await signUp(tab)
      // A browser that has asked before whether it may does not ask again.
      assert.equal(await refresh(tab), null)
      // As if its access token had run out: with one that is still good it would keep the session anyway.
      await tab.evaluate(`(() => {
        const key = 'supabase.auth.token'
        const kept = { ...JSON.parse(localStorage.getItem(key)), expires_at: 1 }
        localStorage.setItem(key, JSON.stringify(kept))
      })()`)
      const statuses: number[] = []
      tab.on('response', (answer) => {
        if (answer.url().includes('refresh_token')) statuses.push(answer.status())
      })
      await jsonOf(server, ['block', 'add', '127.0.0.1', '--reason', 'a flood', '--for', '1h'])
      await server.maintain()
      const refreshed = refresh(tab)
      await eventually('a refusal', () => (statuses.length > 0 ? true : undefined))
      await jsonOf(server, ['block', 'remove', '127.0.0.1'])
      await server.maintain()
      assert.equal(await refreshed, null)
      assert.deepEqual([...new Set(statuses)], [503, 200])
      assert.equal(await emailOf(tab), email)
      assert.ok(!(await tab.evaluate<string[]>('events')).includes('SIGNED_OUT'))
    }))

  it('outlives a restart of the server', () =>
    inTabs(1, '', async (_, tab) => {
      const { email } = await signUp(tab)
      let refreshed: Promise<string | null> | undefined
      await server.restart(async () => {
        refreshed = refresh(tab)
      })
      assert.equal(await refreshed, null)
      assert.equal(await emailOf(tab), email)
    }))

  it('shows the picture of a second factor, steps up with it in every tab, and changes the account', () =>
    inTabs(2, '', async (tabs, first) => {
      await signUp(first)
      await Promise.all(tabs.map((tab) => told(tab, 'SIGNED_IN')))
      const { id: factorId, totp } = await call<{ id: string; totp: { qr_code: string; secret: string } }>(
        first,
        'mfa.enroll',
        { factorType: 'totp' },
      )
      const source = JSON.stringify(totp.qr_code)
      await first.evaluate(`Object.assign(new Image(), { src: ${source} }).decode()`)
      await call(first, 'mfa.challengeAndVerify', { factorId, code: nextCode(server, totp.secret) })
      await Promise.all(tabs.map((tab) => told(tab, 'MFA_CHALLENGE_VERIFIED')))
      for (const tab of tabs) {
        const { currentLevel } = await call<{ currentLevel: string }>(
          tab,
          'mfa.getAuthenticatorAssuranceLevel',
        )
        assert.equal(currentLevel, 'aal2')
      }
      const { user } = await call<{ user: { user_metadata: object } }>(tabs[1] ?? first, 'updateUser', {
        data: { color: 'green' },
      })
      assert.partialDeepStrictEqual(user.user_metadata, { color: 'green' })
      await told(first, 'USER_UPDATED')
      await call(first, 'mfa.unenroll', { factorId })
      assert.deepEqual((await call<{ all: unknown[] }>(first, 'mfa.listFactors')).all, [])
    }))

  for (const search of ['', '?flow=pkce'])
    it(`comes in by a mailed link${search && ' by PKCE'}`, () =>
      inTabs(1, search, async (_, tab) => {
        const { email } = freshPerson()
        const mail = await mailOf(server, email, () =>
          tab.evaluate(
            `auth.signInWithOtp(${JSON.stringify({ email, options: { emailRedirectTo: `${app.origin}/welcome` } })})`,
          ),
        )
        await tab.goto(linkIn(mail))
        if (!search) await tab.getByRole('button').click()
        await tab.waitForURL(`${app.origin}/welcome*`)
        await ready(tab)
        await told(tab, 'SIGNED_IN')
        assert.equal(await emailOf(tab), email)
        assert.doesNotMatch(tab.url(), /token|code=/)
        assert.equal(await refresh(tab), null)

        await tab.goto(linkIn(mail))
        if (await tab.getByRole('button').count()) await tab.getByRole('button').click()
        await tab.waitForURL(`${app.origin}/welcome*`)
        assert.match(tab.url(), /error_code=otp_expired/)
      }))

  it('is held to the origins of its client', () =>
    inTabs(1, '', async (_, tab) => {
      const other = await startBrowserApp(() => `${server.env.MANYDOORS_PUBLIC_URL}/auth/v1`)
      try {
        await tab.goto(`${other.origin}/`)
        await ready(tab)
        const credentials = JSON.stringify({ email: freshPerson().email, password })
        const name = await tab.evaluate<string>(
          `auth.signUp(${credentials}).then(({ error }) => error?.name)`,
        )
        assert.equal(name, 'AuthRetryableFetchError')
      } finally {
        await other.close()
      }
    }))
})
