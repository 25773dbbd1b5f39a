import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import {
  authorizePath,
  commandLineClient,
  defaultClient,
  loopbackUri,
  password,
  redirectUri,
  refresh,
  refreshTokenOf,
  register,
  webClient,
} from '../dialects/pm2/door.ts'
import { type Answer, useServer } from '../harness/harness.ts'
import { type AppServer, launchBrowser, noBrowser, startApp } from './browser.ts'
import { plainBrowser } from './jar.ts'
import { assertNoForm, assertPage } from './page.ts'
import { assertOver, assertProblem, fieldsOf, stale } from './visitor.ts'
import { open } from './ways/ways.ts'

describe('two logins of one browser', () => {
  const server = useServer('sqlite')

  it('each end at their own app, whichever is finished first', async () => {
    const { username } = await register(server)
    const typed = { identifier: username, password }
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const browser = plainBrowser(server)
      const tabs: { page: Answer; client: string; to: string }[] = [
        { page: await browser.open(authorizePath()), client: defaultClient, to: redirectUri },
        {
          page: await browser.open(authorizePath(commandLineClient, loopbackUri)),
          client: commandLineClient,
          to: loopbackUri,
        },
      ]
      for (const index of order) {
        const { page, client, to } = tabs[index] ?? assert.fail()
        const token = refreshTokenOf(await browser.submit(page, typed), to)
        assert.equal((await refresh(server, token, client)).status, 200)
      }
      assert.deepEqual([...browser.cookies], [], 'nothing of them is left')
    }
  })

  it('keep to themselves when one is shown a problem, or asks for a new password', async () => {
    const browser = plainBrowser(server)
    const first = await browser.open(authorizePath())
    await browser.open(authorizePath(commandLineClient, loopbackUri))
    const refused = await browser.submit(first, { identifier: 'nobody', password: 'wrong-password' })
    assertPage(refused, 401, redirectUri)
    const [, path = ''] = /href="([^"]+\/forgot-password)"/.exec(refused.text) ?? []
    const forgot = await browser.open(path)
    const [, back = ''] = /href="([^"]+\/sign-in)"/.exec(forgot.text) ?? []
    assertPage(await browser.open(back), 200, redirectUri)
  })

  it('are found again by the short paths: the newest, and by the key of its form each', async () => {
    const { username } = await register(server)
    const typed = { identifier: username, password }
    const browser = plainBrowser(server)
    const first = await browser.open(authorizePath())
    await browser.open(authorizePath(commandLineClient, loopbackUri))
    assertPage(await browser.open('/ui/sign-in'), 200, loopbackUri)
    // Templates of operators post there.
    const proven = await browser.post('/ui/sign-in', { ...typed, form: fieldsOf(first).form ?? '' })
    refreshTokenOf(await browser.open(proven.headers.get('location') ?? ''), redirectUri)
    assertProblem(await browser.post('/ui/sign-in', { ...typed, form: 'x' }), 403, stale, loopbackUri)
  })

  it('are eight at most: the oldest gives way', async () => {
    const browser = plainBrowser(server)
    const pages: Answer[] = []
    for (let count = 0; count < 9; count++) {
      pages.push(await browser.open(authorizePath()))
      server.clock.advance(1)
    }
    const kept = [...browser.cookies.keys()].filter((name) => name.startsWith('__Host-manydoors-login-'))
    assert.equal(kept.length, 8)
    const typed = { identifier: 'nobody', password }
    assertOver(await browser.submit(pages[0] ?? assert.fail(), typed))
    assert.equal((await browser.submit(pages[1] ?? assert.fail(), typed)).status, 401)
  })

  it('have ids in their paths and nothing else: what is none leads nowhere', async () => {
    const browser = plainBrowser(server)
    await browser.open(authorizePath())
    for (const id of ['%00', '%0d%0aLocation:x', '..%2f..%2fevil', 'x', '01890000']) {
      for (const page of [
        'sign-in',
        'second-factor',
        'choose-account',
        'sign-up',
        'check-your-mail',
        'forgot-password',
      ])
        assertPage(await server.request('GET', `/ui/l/${id}/${page}`), 400)
    }
  })

  it('are none that another host has planted: two secrets of one login are refused', async () => {
    const browser = plainBrowser(server)
    const page = await browser.open(authorizePath())
    const [name = '', secret = ''] = [...browser.cookies].find(([name]) => name.includes('-login-')) ?? []
    const [, path = ''] = /action="([^"]+)"/.exec(page.text) ?? []
    for (const cookie of [`${name}=${secret}; ${name}=x`, `${name}=x; ${name}=${secret}`]) {
      const refused = await server.request('GET', path, { headers: { cookie } })
      assertPage(refused, 400)
      assertNoForm(refused)
    }
    const planted = `__Host-manydoors-login-01890000-0000-7000-8000-000000000000=${secret}`
    assertOver(await server.request('GET', '/ui/sign-in', { headers: { cookie: planted } }))
  })
})

describe('two tabs of Chromium', { skip: noBrowser }, () => {
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

  it('each come back to where they came from', async () => {
    const { username } = await register(server)
    const context = await browser.newContext({ locale: 'en-GB', javaScriptEnabled: false })
    const uris = [`http://localhost:${app.port}/`, `http://127.0.0.1:${app.port}`]
    const tabs: Page[] = []
    for (const uri of uris) {
      const tab = await context.newPage()
      await open(server, tab, authorizePath(webClient, uri))
      tabs.push(tab)
    }
    for (const [index, tab] of tabs.entries()) {
      await tab.getByLabel('E-mail address or user name').fill(username)
      await tab.getByLabel('Password').fill(password)
      await tab.getByRole('button', { name: 'Sign in' }).click()
      await tab.waitForURL(({ port }) => port === String(app.port))
      assert.equal(new URL(tab.url()).origin, new URL(uris[index] ?? '').origin)
    }
    assert.deepEqual(await context.cookies(), [])
    await context.close()
  })
})
