import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { useServer } from '../harness/harness.ts'
import { examine, loadAxe } from '../pages/axe.ts'
import { launchBrowser, noBrowser } from '../pages/browser.ts'
import { fits, measureLayout } from '../pages/layout.ts'
import {
  type ConsolePage,
  consoleSettings,
  type SeededConsole,
  seedConsole,
  sendForm,
} from './console-pages.ts'

const languages = [
  { language: 'en', locale: 'en-GB', onPhone: 'light', onDesktop: 'dark' },
  { language: 'nb', locale: 'nb-NO', onPhone: 'dark', onDesktop: 'light' },
] as const

describe('the console', { skip: noBrowser }, () => {
  const server = useServer('sqlite', { yaml: consoleSettings })
  const seeded = {} as SeededConsole
  let browser: Browser
  before(async () => {
    browser = await launchBrowser()
    Object.assign(seeded, await seedConsole(server))
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
        const context = await browser.newContext({ locale, extraHTTPHeaders: { cookie: seeded.cookie } })
        page = await context.newPage()
        page.on('console', (message) => said.push(message.text()))
        page.on('pageerror', (error) => said.push(error.message))
      })
      after(() => page?.context().close())

      it(`leads to no page that is not examined, in ${language}`, async () => {
        await page.goto(at('/admin'))
        const links = await page
          .locator('nav.menu a')
          .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''))
        const examined = Object.values(seeded.pages).map(({ path }) => path.split('?', 1)[0])
        assert.ok(links.length > 15)
        assert.deepEqual(
          links.filter((link) => !examined.includes(link)),
          [],
        )
      })

      it(`has no accessibility fault on any page, in ${language}`, async (test) => {
        for (const [name, shown] of Object.entries(seeded.pages))
          await test.test(name, () => examineAt(shown))
      })

      const examineAt = async (shown: ConsolePage) => {
        said = []
        const answer = await page.goto(at(shown.path))
        assert.equal(answer?.status(), 200)
        await sendForm(page, shown)
        if (shown.isWrong) assert.equal(await page.getByRole('alert').count(), 1)
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
      }
    })
  }
})
