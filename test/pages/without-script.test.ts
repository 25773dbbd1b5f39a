import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import type { PageName } from '../../src/pages/samples.ts'
import { useProvider } from '../upstream-sign-in/with-provider.ts'
import { launchBrowser, noBrowser } from './browser.ts'
import { openAccount, waysToAccountPages } from './ways/account.ts'
import { waysToHostedPages } from './ways/hosted.ts'
import { waysToOpenidPages } from './ways/openid.ts'
import { waysWithProvider } from './ways/provider.ts'
import { waysToSecurityPages } from './ways/security.ts'
import { submit, type Ways } from './ways/ways.ts'

/** What is reached by a keyboard, in reading order, each numbered; and what only a script may show. */
const number = `(() => {
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0
  const controls = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')].filter(isSeen)
  controls.forEach((element, index) => element.setAttribute('data-number', index))
  const posts = [...document.forms].filter(isSeen)
  posts.forEach((form, index) => form.setAttribute('data-form', index))
  return {
    controls: controls.map((element) => element.outerHTML),
    forms: posts.map((form) => form.outerHTML),
    scripted: [...document.querySelectorAll('[data-passkey], [data-shows], [data-copies]')].filter(isSeen).length,
  }
})()`

interface Numbered {
  controls: string[]
  forms: string[]
  scripted: number
}

/** What has the focus. */
const readFocus = `(() => {
  const { tagName, type, value, form, dataset } = document.activeElement ?? document.body
  return {
    number: dataset.number === undefined ? undefined : Number(dataset.number),
    tag: tagName,
    type,
    isEmpty: !value,
    form: form?.dataset.form === undefined ? undefined : Number(form.dataset.form),
    action: form?.getAttribute('action'),
  }
})()`

interface Focus {
  number: number | undefined
  tag: string
  type: string | undefined
  isEmpty: boolean
  form: number | undefined
  action: string | undefined
}

const typed: Partial<Record<string, string>> = {
  email: 'ada@example.com',
  password: 'plenty of unlikely words',
  text: 'abcdef',
  tel: '+4791234567',
}

/** Goes through a page once by Tab, fills in each field and presses each button; what was reached, and which forms were sent. */
async function goThrough(page: Page, { controls }: Numbered) {
  const reached: number[] = []
  const sent = new Set<number>()
  // The focus may begin in the middle, and leaves the page once before it is at the top.
  for (let presses = 0; presses < 2 * controls.length + 4 && reached.length < controls.length; presses++) {
    // A field that is to be filled in first has the focus already.
    if (presses > 0) await page.keyboard.press('Tab')
    const focus = await page.evaluate<Focus>(readFocus)
    if (focus.number === undefined || reached.includes(focus.number)) continue
    reached.push(focus.number)
    if (focus.tag === 'INPUT' && focus.type === 'checkbox') await page.keyboard.press('Space')
    else if (focus.tag === 'INPUT' && focus.isEmpty) await page.keyboard.type(typed[focus.type ?? ''] ?? '')
    if (focus.type !== 'submit' || focus.form === undefined) continue
    const request = page.waitForRequest((request) => request.method() === 'POST', { timeout: 4_000 })
    // The button is pressed by either key.
    await page.keyboard.press(sent.size % 2 === 0 ? 'Enter' : 'Space')
    const { pathname } = new URL((await request).url())
    assert.equal(pathname, focus.action)
    sent.add(focus.form)
  }
  return { reached, sent }
}

/** That they are in reading order, wherever it began. */
function assertInOrder(reached: number[]): void {
  const first = reached.indexOf(0)
  assert.deepEqual(
    [...reached.slice(first), ...reached.slice(0, first)],
    reached.map((_, index) => index),
  )
}

describe('without a script and with a keyboard alone', { skip: noBrowser }, () => {
  const { server, provider } = useProvider('sqlite')
  let browser: Browser
  let page: Page
  before(async () => {
    browser = await launchBrowser()
    page = await browser.newPage({ locale: 'en-GB', javaScriptEnabled: false })
    page.setDefaultTimeout(10_000)
  })
  after(() => browser?.close())

  /** One that is missing does not compile. */
  const ways: Ways<Exclude<PageName, `dev-${string}`>> = {
    ...waysToHostedPages(server),
    ...waysWithProvider(server, provider),
    ...waysToAccountPages(server),
    ...waysToSecurityPages(server),
    ...waysToOpenidPages(server),
  }
  for (const [name, states] of Object.entries(ways)) {
    for (const [state, go] of Object.entries(states)) {
      // That one waits for what a script shows.
      if (name === 'account-prove' && state === 'with a passkey') continue
      it(`all of ${name}, ${state}, is reached, and each of its forms is sent`, async () => {
        await page.context().clearCookies()
        await go(page)
        await page.waitForLoadState()
        // The answer to a form is "no content": the page stays.
        await page.route('**', (route) =>
          route.request().method() === 'POST' ? route.fulfill({ status: 204 }) : route.continue(),
        )
        try {
          const numbered = await page.evaluate<Numbered>(number)
          const { reached, sent } = await goThrough(page, numbered)
          const missed = numbered.controls.filter((_, index) => !reached.includes(index))
          assert.deepEqual(missed, [])
          assertInOrder(reached)
          const unsent = numbered.forms.filter((_, index) => !sent.has(index))
          assert.deepEqual(unsent, [])
          assert.equal(numbered.scripted, 0, 'what needs a script is hidden')
        } finally {
          await page.unroute('**')
        }
      })
    }
  }

  const isInMain = `document.activeElement.closest('main') !== null`

  it('the first stop of the account page leads past its menu', async () => {
    await page.context().clearCookies()
    await openAccount(server, page, '/ui/account')
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate('document.activeElement.getAttribute("href")'), '#content')
    assert.equal(await page.locator('a.skip').isVisible(), true)
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate(isInMain), true)
  })

  it('after an action the focus is at what is said of it', async () => {
    await page.context().clearCookies()
    await openAccount(server, page, '/ui/account')
    await submit(page, { name: 'Ada Example' })
    await page.locator('#notice:focus').waitFor()
    assert.equal(await page.getByRole('status').innerText(), 'Your profile is saved.')
  })
})
