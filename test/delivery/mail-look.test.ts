import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, describe, it } from 'node:test'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import type { Language } from '../../src/core/context.ts'
import { createMessageRenderer } from '../../src/delivery/render.ts'
import { type MessageName, messageSamples } from '../../src/delivery/samples.ts'
import { launchBrowser, noBrowser } from '../pages/browser.ts'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const mails = (Object.keys(messageSamples) as MessageName[]).filter((name) => name !== 'reset-code')
const languages: Language[] = ['en', 'nb']
/** What a mail client may leave of a mail has no landmarks of its own. */
const options: RunOptions = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }
/** As long as the links of an import may be, without anything to break them at. */
const longLink = `https://auth.example.com/ui/page?token=${'a1'.repeat(60)}`

describe('the HTML of mails', { skip: noBrowser }, () => {
  const renderer = createMessageRenderer(undefined)
  let browser: Browser
  let page: Page
  before(async () => {
    browser = await launchBrowser()
    page = await browser.newPage({ viewport: { width: 320, height: 640 } })
    // No picture is loaded from anywhere.
    await page.route('**', (route) => route.abort())
  })
  after(() => browser?.close())

  for (const name of mails) {
    for (const language of languages) {
      it(`of ${name} is read on a narrow screen in ${language}, light and dark, without fault`, async () => {
        const sample = messageSamples[name]
        const { html } = await renderer.mail(name, language, {
          ...sample,
          ...('link' in sample && { link: longLink }),
        })
        await page.setContent(html)
        await page.evaluate(axeSource)
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme })
          const { violations, passes } = await examine(page)
          assert.ok(passes > 5, 'axe has looked at the mail')
          assert.deepEqual(violations, [], colorScheme)
        }
        const wide = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        )
        const ground = await page.evaluate(
          "getComputedStyle(document.querySelector('.card')).backgroundColor",
        )
        assert.equal(wide, 0, 'nothing is sideways')
        assert.equal(ground, 'rgb(24, 28, 34)', 'dark where dark is wanted')
      })
    }
  }
})

/** What axe-core finds wrong, and how many rules are kept. */
function examine(
  page: Page,
): Promise<{ violations: { rule: string; elements: string[] }[]; passes: number }> {
  return page.evaluate(async (options) => {
    const { axe } = globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } }
    const { violations, passes } = await axe.run(options)
    return {
      violations: violations.map(({ id, nodes }) => ({ rule: id, elements: nodes.map(({ html }) => html) })),
      passes: passes.length,
    }
  }, options)
}
