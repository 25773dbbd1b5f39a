import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { useServer } from '../harness/harness.ts'
import { launchBrowser, noBrowser } from '../pages/browser.ts'
import { operatorOf } from './operator.ts'

describe('the overview in a browser', { skip: noBrowser }, () => {
  const server = useServer('sqlite')
  let browser: Browser
  before(async () => {
    browser = await launchBrowser()
  })
  after(() => browser?.close())

  it('asks for itself, and leaves open what was opened and the focus where it is', async () => {
    const operator = await operatorOf(server)
    const context = await browser.newContext({ locale: 'en-GB' })
    await context.addCookies(
      [...operator.browser.cookies].map(([name, value]) => ({
        name,
        value,
        domain: 'localhost',
        path: '/',
        secure: true,
        httpOnly: true,
        sameSite: 'Strict' as const,
      })),
    )
    const page = await context.newPage()
    const messages: string[] = []
    page.on('console', (message) => messages.push(message.text()))
    page.on('pageerror', (error) => messages.push(error.message))
    await page.clock.install()
    await page.goto(`http://localhost:${new URL(server.url).port}/admin`)
    await page.locator('summary').first().click()
    const nodesBefore = await page.locator('#nodes + .empty').count()
    assert.equal(nodesBefore, 1)
    await server.maintain()
    const answered = page.waitForResponse((response) => response.request().headers()['hx-request'] === 'true')
    await page.clock.runFor(10_000)
    await answered
    await page.locator('#nodes + table').waitFor()
    assert.ok(await page.evaluate<boolean>(`document.querySelector('details').open`))
    assert.equal(await page.evaluate<string>('document.activeElement.tagName'), 'SUMMARY')
    assert.equal(await page.locator('#overview').count(), 1)
    assert.deepEqual(messages, [])
    await context.close()
  })
})
