import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { minbil, register } from '../harness/doors.ts'
import { useServer } from '../harness/harness.ts'
import { launchBrowser, noBrowser } from '../pages/browser.ts'
import { assertAllByKeyboard } from '../pages/keyboard.ts'
import { consoleSettings, type SeededConsole, seedConsole, sendForm } from './console-pages.ts'

const accounts = '/admin/realms/main/accounts'

// A browser cannot tell one database from the other.
describe('the console without a script and with a keyboard alone', { skip: noBrowser }, () => {
  const server = useServer('sqlite', { yaml: consoleSettings })
  const seeded = {} as SeededConsole
  let browser: Browser
  let page: Page
  const at = (path: string) => `${server.url.replace('127.0.0.1', 'localhost')}${path}`
  const open = async (path: string) => {
    // A browser that keeps cookies sends those instead of the header.
    await page.context().clearCookies()
    await page.goto(at(path))
  }

  before(async () => {
    Object.assign(seeded, await seedConsole(server))
    browser = await launchBrowser()
    const context = await browser.newContext({
      locale: 'en-GB',
      javaScriptEnabled: false,
      extraHTTPHeaders: { cookie: seeded.cookie },
    })
    page = await context.newPage()
    page.setDefaultTimeout(10_000)
  })
  after(() => browser?.close())

  it('is reached whole on every page, and each of its forms is sent', async (test) => {
    for (const [name, shown] of Object.entries(seeded.pages)) {
      await test.test(name, async () => {
        await open(shown.path)
        assert.equal(page.url(), at(shown.path))
        await sendForm(page, shown)
        await assertAllByKeyboard(page)
      })
    }
  })

  it('finds an account by its filter, leafs on, and disables it after a confirmation', async () => {
    const person = { email: 'zora00@example.com', password: 'StrongPass123!' }
    for (let count = 0; count < 52; count++)
      await register(server, { ...person, email: `zora${String(count).padStart(2, '0')}@example.com` })
    const { body } = await minbil.signIn(server, person)
    await open(accounts)
    await page.locator('#q').focus()
    await page.keyboard.type('zora')
    await page.keyboard.press('Enter')
    await page.waitForURL(/q=zora/)
    assert.equal(await page.locator('#results tbody tr').count(), 50)
    await page.locator('a[rel=next]').press('Enter')
    await page.waitForURL(/after=/)
    assert.equal(await page.locator('#results tbody tr').count(), 2)
    await page.locator('a[rel=prev]').press('Enter')
    await page.waitForURL(/before=/)
    await page.getByRole('link', { name: person.email }).press('Enter')
    await page.waitForURL(/accounts\/[\da-f-]+$/)
    await page.getByRole('link', { name: /^Disable/ }).press('Enter')
    await page.locator('#reason').fill('They have left')
    await page.keyboard.press('Enter')
    await page.waitForURL(({ pathname }) => !pathname.endsWith('/disable'))
    const refreshed = await minbil.refresh(server, body.refresh_token)
    assert.equal(refreshed.status, 401)
  })
})
