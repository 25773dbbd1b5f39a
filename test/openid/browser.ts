import assert from 'node:assert/strict'
import type { Answer, TestServer } from '../harness/harness.ts'
import { formsOf } from '../pages/html.ts'
import { type PlainBrowser, plainBrowser } from '../pages/jar.ts'

/** A server, as far as browsers need one; `issuer` where its own address is not what it tells browsers. */
export type Site = Pick<TestServer, 'request' | 'url'> & { issuer?: string }

/** Somebody who can sign in at a page. */
export interface Visitor {
  email: string
  password: string
}

/** A browser that apps send to the server and get back from there. It runs no script. */
export interface AppBrowser extends PlainBrowser {
  /** Opens an address of the server and goes on for as long as it leads there; ends at a page, or where it leads away. */
  visit(url: URL | string): Promise<Answer>
  /** Sends a form of a page, with the button of that value if there is to be one, and goes on likewise. */
  send(page: Answer, typed: Record<string, string>, button?: string): Promise<Answer>
}

const maxRedirects = 12

/** Starts such a browser, with an empty jar. */
export function appBrowser(site: Site, userAgent?: string): AppBrowser {
  const browser = plainBrowser(site, userAgent)
  const goOn = async (first: Answer): Promise<Answer> => {
    let answer = first
    for (let count = 0; count < maxRedirects; count++) {
      const target = redirectOf(answer)
      if (!target || !isOwn(site, target)) return answer
      answer = await browser.open(`${target.pathname}${target.search}`)
    }
    assert.fail('too many redirects')
  }
  return {
    ...browser,
    visit: async (url) => {
      const { pathname, search } = new URL(url, site.url)
      return goOn(await browser.open(`${pathname}${search}`))
    },
    send: async (page, typed, button) => {
      const chosen = button === undefined ? {} : buttonOf(page, button)
      return goOn(await browser.submit(page, { ...typed, ...chosen }))
    },
  }
}

/** Where an answer sends the browser; `undefined` where it is no redirect. */
export function redirectOf({ status, headers }: Answer): URL | undefined {
  const location = headers.get('location')
  return status >= 300 && status < 400 && location ? new URL(location, 'http://relative.invalid') : undefined
}

function isOwn({ url, issuer }: Site, target: URL): boolean {
  return [url, issuer, 'http://localhost:5000'].some(
    (own) => own !== undefined && target.origin === new URL(own).origin,
  )
}

/** Name and value of the button of that value. */
function buttonOf(page: Answer, value: string): Record<string, string> {
  const tag = page.text.match(/<button\b[^>]*>/g)?.find((tag) => tag.includes(` value="${value}"`))
  const [, name] = / name="([^"]+)"/.exec(tag ?? '') ?? []
  assert.ok(name, `no button ${value} in ${page.text}`)
  return { [name]: value }
}

/** What the browser is sent back to its app with. Fails, and shows the page, where it was not sent away. */
export function callbackOf(answer: Answer): URL {
  return redirectOf(answer) ?? assert.fail(`still at the server, with ${answer.status}: ${answer.text}`)
}

/** Whether the page asks for name and password. */
export function isSignInPage(page: Answer): boolean {
  return (
    page.status < 400 && formsOf(page).some(({ fields }) => 'identifier' in fields && 'password' in fields)
  )
}

/**
 * Walks an authorization request to its end: signs in where the browser is asked to, allows where it is asked to, and
 * returns what the app is called back with.
 */
export async function authorize(browser: AppBrowser, url: URL | string, visitor: Visitor): Promise<URL> {
  let page = await browser.visit(url)
  if (isSignInPage(page)) {
    const { email, password } = visitor
    page = await browser.send(page, { identifier: email, password })
  }
  if (page.text.includes(' value="allow"')) page = await browser.send(page, {}, 'allow')
  return callbackOf(page)
}
