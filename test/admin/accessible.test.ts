import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { useServer } from '../harness/harness.ts'
import { examine, loadAxe } from '../pages/axe.ts'
import { launchBrowser, noBrowser } from '../pages/browser.ts'
import { fits, measureLayout } from '../pages/layout.ts'
import { operatorOf } from './operator.ts'

const realm = '/admin/realms/main'

/** By what is on them, and whether the form that leads to one is sent empty, so that it says what is wrong. */
const pages: Record<string, { path: string; isWrong?: true }> = {
  'the list of clients': { path: `${realm}/clients` },
  'a client': { path: `${realm}/clients/openid/shop` },
  'the doors of a new client': { path: `${realm}/clients/new` },
  'a new client': { path: `${realm}/clients/new?dialect=openid` },
  'the secret of a client': { path: `${realm}/clients/openid/shop/secret`, isWrong: true },
  'the end of a client': { path: `${realm}/clients/openid/other/remove` },
  'the realms': { path: '/admin/realms' },
  'the keys': { path: `${realm}/keys` },
  'the replacement of keys': { path: `${realm}/keys/replace` },
  'the master keys': { path: '/admin/master-keys' },
}

const languages = [
  { language: 'en', locale: 'en-GB', onPhone: 'light', onDesktop: 'dark' },
  { language: 'nb', locale: 'nb-NO', onPhone: 'dark', onDesktop: 'light' },
] as const

describe('the console', { skip: noBrowser }, () => {
  const clients = [
    { id: 'shop', redirectUris: ['https://shop.example/cb'], origins: ['https://shop.example'] },
  ]
  const server = useServer('sqlite', { yaml: JSON.stringify({ realms: { main: { openid: { clients } } } }) })
  let browser: Browser
  let cookie = ''
  before(async () => {
    browser = await launchBrowser()
    const operator = await operatorOf(server)
    const form = `${realm}/clients/new`
    await operator.browser.submit(
      await operator.browser.open(`${form}?dialect=openid`),
      { id: 'other', redirectUris: 'https://other.example/cb' },
      form,
    )
    cookie = [...operator.browser.cookies].map((pair) => pair.join('=')).join('; ')
  })
  after(() => browser?.close())
  const at = (path: string) => `${server.url.replace('127.0.0.1', 'localhost')}${path}`

  for (const { language, locale, onPhone, onDesktop } of languages) {
    const windows = [
      { width: 320, height: 640, colorScheme: onPhone },
      { width: 1280, height: 800, colorScheme: onDesktop },
    ]
    describe(`in ${language}`, () => {
      let page: Page
      let said: string[] = []
      before(async () => {
        // Not as cookies of the browser: by its protocol it takes none that begin with `__Host-` without TLS.
        const context = await browser.newContext({ locale, extraHTTPHeaders: { cookie } })
        page = await context.newPage()
        page.on('console', (message) => said.push(message.text()))
        page.on('pageerror', (error) => said.push(error.message))
      })
      after(() => page?.context().close())

      for (const [name, { path, isWrong }] of Object.entries(pages))
        it(`has no accessibility fault on ${name}, in ${language}`, async () => {
          said = []
          const answer = await page.goto(at(path))
          assert.equal(answer?.status(), 200)
          if (isWrong) {
            await page.locator('main form [name=reason]').fill(' ')
            await page.locator('main form [type=submit]').click()
            assert.equal(await page.getByRole('alert').count(), 1)
          }
          assert.equal(await page.locator('html').getAttribute('lang'), language)
          assert.deepEqual(
            said.filter((text) => !/status of 4/.test(text)),
            [],
          )
          await loadAxe(page)
          for (const { width, height, colorScheme } of windows) {
            await page.setViewportSize({ width, height })
            await page.emulateMedia({ colorScheme })
            assert.deepEqual(await measureLayout(page), fits, `at ${width} px`)
            const { violations, passes } = await examine(page)
            assert.ok(passes > 5, 'axe has looked at the page')
            assert.deepEqual(violations, [], `at ${width} px, ${colorScheme}`)
          }
        })
    })
  }
})
