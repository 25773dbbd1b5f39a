import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { freshEmail, queryOf, useServer } from '../harness/harness.ts'
import { launchBrowser, noBrowser } from './browser.ts'

/** Runs in the browser, on text as it is: there are no types of a document here. */
const measure = `(() => {
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((value) => value / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const numbers = (color) => color.match(/[\\d.]+/g).map(Number)
  const groundOf = (element) => {
    for (; element; element = element.parentElement) {
      const color = numbers(getComputedStyle(element).backgroundColor)
      if (color.length === 3 || color[3] > 0) return color.slice(0, 3)
    }
    return [255, 255, 255]
  }
  const contrast = (color, ground) => {
    const [dark, light] = [luminance(numbers(color).slice(0, 3)), luminance(ground)].sort((a, b) => a - b)
    return (light + 0.05) / (dark + 0.05)
  }
  const all = (selector) => [...document.querySelectorAll(selector)]
  const name = (element) => element.tagName + ' ' + element.textContent.trim().slice(0, 30)
  const inputs = all('input:not([type=hidden], [hidden])')
  return {
    language: document.documentElement.lang,
    title: document.title,
    headings: all('h1').length,
    overflow: document.documentElement.scrollWidth - innerWidth,
    pale: all('h1, h2, p, a, label, button, th, td, pre, code, time')
      .filter((element) => element.textContent.trim() && contrast(getComputedStyle(element).color, groundOf(element)) < 4.5)
      .map(name),
    faint: inputs.filter((input) => contrast(getComputedStyle(input).borderTopColor, groundOf(input)) < 3).map((input) => input.id),
    nameless: inputs.filter((input) => input.labels.length === 0).map((input) => input.id),
    undescribed: all('[aria-describedby]')
      .flatMap((element) => element.getAttribute('aria-describedby').split(' '))
      .filter((id) => !document.getElementById(id)?.textContent.trim()),
    small: all('button').concat(inputs).filter((element) => element.getBoundingClientRect().height < 44).map(name),
  }
})()`

interface Measured {
  language: string
  title: string
  headings: number
  overflow: number
  [problems: string]: unknown
}

/** WCAG 2.2: reflow at 320 px, contrast, names, targets; one heading and a title in the language of the page. */
async function assertReadable(page: Page, language: string): Promise<void> {
  const { title, headings, overflow, language: found, ...problems } = await page.evaluate<Measured>(measure)
  assert.ok(title, page.url())
  assert.deepEqual([found, headings, overflow], [language, 1, 0], `${title} at ${page.url()}`)
  for (const [problem, elements] of Object.entries(problems))
    assert.deepEqual(elements, [], `${title}: ${problem}`)
}

describe('the pages in a browser', { skip: noBrowser }, () => {
  const server = useServer('sqlite')
  let browser: Browser
  let email = ''
  let links: { reset: string; verify: string } = { reset: '', verify: '' }

  before(async () => {
    browser = await launchBrowser()
    email = freshEmail()
    await server.request('POST', '/api/co/auth/sign-up', { json: { email, password: '12345678' } })
    await server.request('POST', '/api/co/auth/forgot-password', { json: { email } })
    const tokenOf = async (subject: RegExp) => queryOf((await server.mail(email, subject)).links[0], 'token')
    links = {
      reset: `/ui/reset-password?token=${await tokenOf(/^Set/)}`,
      verify: `/ui/verify-email?token=${await tokenOf(/^Confirm/)}`,
    }
  })
  after(() => browser?.close())

  for (const [colorScheme, locale, language] of [
    ['light', 'en-GB', 'en'],
    ['dark', 'nb-NO', 'nb'],
  ] as const) {
    it(`can be read on a narrow screen in ${colorScheme} colours, in ${locale}`, async () => {
      const context = await browser.newContext({ colorScheme, locale, viewport: { width: 320, height: 640 } })
      const page = await context.newPage()
      for (const path of [
        links.reset,
        links.verify,
        '/ui/verify-email-done',
        '/ui/reset-password?token=none',
        '/ui/sign-in',
      ]) {
        await page.goto(`${server.url}${path}`)
        await assertReadable(page, language)
      }
      for (const path of ['/', '/dev/mailbox']) {
        await page.goto(`${server.url}${path}`)
        await assertReadable(page, 'en')
      }
      await context.close()
    })
  }

  it('say what is wrong with a password in view', async () => {
    const page = await browser.newPage()
    await page.goto(`${server.url}${links.reset}`)
    await page.locator('main form').evaluate((form) => form.setAttribute('novalidate', ''))
    await page.keyboard.type('short')
    await page.keyboard.press('Enter')
    const problem = page.getByRole('alert')
    await problem.waitFor()
    assert.equal(await problem.textContent(), 'The password must be at least 15 characters.')
    assert.match(await page.title(), /^Problem: /)
    await assertReadable(page, 'en')
    const input = page.getByLabel('New password')
    assert.equal(await input.getAttribute('aria-invalid'), 'true')
    assert.equal(await input.evaluate((element) => element.matches(':focus')), true)
    await page.keyboard.press('Tab')
    assert.equal(
      await page
        .getByRole('button', { name: 'Set password' })
        .evaluate((element) => element.matches(':focus')),
      true,
    )
    await page.close()
  })

  it('show a mail as it looks, sandboxed', async () => {
    const page = await browser.newPage()
    await page.goto(`${server.url}/dev/mailbox`)
    await page
      .getByRole('link', { name: /Confirm your e-mail address for Minbil/ })
      .first()
      .click()
    const button = page.frameLocator('iframe[sandbox=""]').getByRole('link', { name: 'Yes, it is mine' })
    await button.waitFor()
    const mail = (await page.locator('iframe').getAttribute('src')) ?? ''
    assert.match(mail, /^\/dev\/mailbox\/[0-9a-f-]{36}$/)
    const colour = await page
      .frame({ url: `**${mail}` })
      ?.evaluate<string>(`getComputedStyle(document.querySelector('.button')).backgroundColor`)
    assert.equal(colour, 'rgb(31, 79, 216)')
    await page.close()

    const { headers } = await server.request('GET', mail)
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*; sandbox;/)
    assert.equal((await server.request('GET', '/dev/mailbox/unknown')).status, 404)
  })
})
