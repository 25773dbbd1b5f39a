import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { minbil, register } from '../harness/doors.ts'
import { eventually } from '../harness/events.ts'
import { useServer } from '../harness/harness.ts'
import { examine, loadAxe } from '../pages/axe.ts'
import { launchBrowser, noBrowser } from '../pages/browser.ts'
import { fits, measureLayout } from '../pages/layout.ts'
import { operatorOf, type TestOperator } from './operator.ts'

const base = '/admin/realms/main'

// A browser cannot tell one database from the other.
describe('in a browser the console', { skip: noBrowser }, () => {
  const server = useServer('sqlite')
  const owner = {} as TestOperator
  let browser: Browser
  let context: BrowserContext
  let page: Page
  /** What the page has asked for, but for files. */
  let asked: string[] = []
  /** What the browser has complained of. */
  const complaints: string[] = []

  before(async () => {
    Object.assign(owner, await operatorOf(server))
    browser = await launchBrowser()
    context = await browser.newContext({ baseURL: server.url.replace('127.0.0.1', 'localhost') })
    await context.addCookies(
      [...owner.browser.cookies].map(([name, value]) => ({
        name,
        value,
        domain: 'localhost',
        path: '/',
        secure: true,
        httpOnly: true,
      })),
    )
    page = await context.newPage()
    page.on('request', (request) => {
      const { pathname, search } = new URL(request.url())
      if (!pathname.startsWith('/admin/assets')) asked.push(pathname + search)
    })
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(String(error)))
    for (const name of ['astrid', 'arne', 'berit']) {
      const person = { email: `${name}@example.com`, password: '12345678' }
      await register(server, person)
      await minbil.signIn(server, person)
    }
  })
  after(() => browser?.close())

  const names = () => page.locator('#results tbody th').allInnerTexts()

  /** Waits for so many rows. */
  const rowsOf = (place: string, count: number) =>
    eventually(
      `${count} rows`,
      async () => (await page.locator(`${place} > tr`).count()) === count || undefined,
    )

  it('searches as one types with one request, keeps the focus, and comes back to what was searched', async () => {
    await page.goto(`${base}/accounts`)
    assert.equal((await names()).length, 3)
    asked = []
    await page.locator('#q').pressSequentially('astr', { delay: 20 })
    await page.waitForURL(/q=astr/)
    await rowsOf('#results tbody', 1)
    assert.deepEqual(asked, [`${base}/accounts?q=astr&state=`])
    assert.equal(await page.evaluate('document.activeElement.id'), 'q')
    assert.match(page.url(), /\?q=astr&state=$/)
    await page.locator('#results a').press('Enter')
    await page.waitForURL(/\/accounts\/[\da-f-]+$/)
    await page.goBack()
    assert.equal(await page.locator('#q').inputValue(), 'astr')
    assert.deepEqual(await names(), ['astrid@example.com'])
    await page.locator('#state').selectOption('disabled')
    await page.locator('.empty').waitFor()
    assert.match(await page.locator('.empty').innerText(), /No account begins with “astr”/)
  })

  it('says above the rows what went wrong, and leaves them where they are', async () => {
    await page.goto(`${base}/accounts`)
    await page.evaluate(
      `document.querySelector('form.filters').insertAdjacentHTML('beforeend', '<input type="hidden" name="after" value="!">')`,
    )
    await page.locator('#q').fill('x')
    await page.locator('#told #problem').waitFor()
    assert.equal((await names()).length, 3)
  })

  it('shows the audit trail live, the newest on top', async () => {
    await page.goto(`${base}/audit?live=on&event=sign_in`)
    const rows = () => page.locator('#trail tr').count()
    const before = await rows()
    await eventually('the stream', async () => asked.find((path) => path.includes('/audit/live')))
    const person = { email: 'arne@example.com', password: '12345678' }
    await minbil.signIn(server, { ...person, password: 'wrong' })
    await rowsOf('#trail', before + 1)
    assert.match(await page.locator('#trail tr').first().innerText(), /Refused[\s\S]*arne@example\.com/)
    await minbil.signIn(server, person)
    await rowsOf('#trail', before + 2)
  })

  it('has no accessibility fault on a phone and on a desktop, in either language', async () => {
    await page.goto(`${base}/accounts?q=astrid`)
    const account = (await page.locator('#results a').getAttribute('href')) ?? ''
    const pages = [
      `${base}/accounts`,
      `${base}/accounts?q=nobody`,
      `${base}/accounts/new`,
      account,
      `${account}/name`,
      `${base}/sessions`,
      `${base}/messages?state=sent`,
      `${base}/audit`,
    ]
    const windows = [
      { width: 320, height: 640, colorScheme: 'dark', locale: 'nb-NO' },
      { width: 1280, height: 800, colorScheme: 'light', locale: 'en-GB' },
    ] as const
    for (const { width, height, colorScheme, locale } of windows) {
      await page.setExtraHTTPHeaders({ 'accept-language': locale })
      await page.setViewportSize({ width, height })
      await page.emulateMedia({ colorScheme })
      for (const path of pages) {
        await page.goto(path)
        assert.deepEqual(await measureLayout(page), fits, `${path} at ${width} px`)
        await loadAxe(page)
        const { violations, passes } = await examine(page)
        assert.ok(passes > 5, 'axe has looked at the page')
        assert.deepEqual(violations, [], `${path} at ${width} px, ${colorScheme}`)
      }
    }
    await page.setExtraHTTPHeaders({})
  })

  it('shows the sign-in as a whole page when the session has ended in the middle of typing', async () => {
    await page.goto(`${base}/accounts`)
    server.clock.advance(31 * 60_000)
    await page.locator('#q').fill('b')
    await page.waitForURL(/\/admin\/sign-in\?next=/)
    assert.equal(await page.locator('#q').count(), 0)
    assert.match(await page.locator('h1').innerText(), /Sign in/)
  })

  it('makes the browser complain of nothing but what was refused', () => {
    const others = complaints.filter((text) => !/status of (401|422)/.test(text))
    assert.deepEqual(others, [])
  })
})
