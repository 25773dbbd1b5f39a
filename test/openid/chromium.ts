import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { startTestServer, type TestServer } from '../harness/harness.ts'
import { freePort, launchBrowser } from '../pages/browser.ts'
import type { DeclaredApp } from './harness.ts'

/** A server with OpenID Connect, and a real browser. */
export interface ChromiumAtOpenid {
  /** Of the server, as the browser knows it. */
  issuer: string
  server: TestServer
  /** Walks in a new browser profile: no page answers with a failure, and the browser's console stays empty. */
  inBrowser(options: BrowserContextOptions, walk: (page: Page) => Promise<void>): Promise<void>
}

/** Both for all tests of the suite that this is called in. `apps` is asked when the issuer is known. */
export function useChromium(apps: () => DeclaredApp[]): ChromiumAtOpenid {
  let browser: Browser
  const suite = {
    inBrowser: (options, walk) => walkAlone(browser, options, walk),
  } as ChromiumAtOpenid
  before(async () => {
    const port = await freePort()
    suite.issuer = `http://localhost:${port}`
    suite.server = await startTestServer('sqlite', {
      env: { PORT: String(port), MANYDOORS_PUBLIC_URL: suite.issuer },
      yaml: JSON.stringify({ realms: { main: { openid: { clients: apps() } } } }),
    })
    browser = await launchBrowser()
  })
  after(async () => {
    await browser?.close()
    await suite.server?.close()
  })
  return suite
}

async function walkAlone(
  browser: Browser,
  options: BrowserContextOptions,
  walk: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ locale: 'en-GB', serviceWorkers: 'block', ...options })
  const said: string[] = []
  context.on('console', (message) => said.push(`${message.page()?.url()}: ${message.text()}`))
  context.on('weberror', (error) => said.push(`${error.page()?.url()}: ${error.error()}`))
  context.on('response', (answer) => {
    if (answer.status() >= 400) said.push(`${answer.status()} ${answer.url()}`)
  })
  const page = await context.newPage()
  page.setDefaultTimeout(12_000)
  try {
    await walk(page)
    assert.deepEqual(said, [])
  } finally {
    await context.close()
  }
}
