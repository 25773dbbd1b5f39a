import assert from 'node:assert/strict'
import type { Answer, TestServer } from '../harness/harness.ts'
import { formsOf } from './html.ts'

/** A browser without a script: it keeps cookies, follows redirects within the server, and sends forms as they are made. */
export interface PlainBrowser {
  /** By their names. */
  cookies: Map<string, string>
  open(path: string): Promise<Answer>
  /** Fills in the form that leads to `action`, else the first of the page, and sends it. */
  submit(page: Answer, typed: Record<string, string>, action?: string): Promise<Answer>
  /** Sends fields that no form of ours has made. */
  post(path: string, form: Record<string, string>, headers?: Record<string, string>): Promise<Answer>
}

const maxRedirects = 8

/** Starts such a browser, with an empty jar. */
export function plainBrowser(server: Pick<TestServer, 'request'>, userAgent?: string): PlainBrowser {
  const cookies = new Map<string, string>()

  const send = async (
    method: string,
    path: string,
    options: { form?: Record<string, string>; headers?: Record<string, string> } = {},
  ): Promise<Answer> => {
    const headers = {
      ...(cookies.size > 0 && { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') }),
      ...(userAgent !== undefined && { 'user-agent': userAgent }),
      ...options.headers,
    }
    const answer = await server.request(method, path, { ...options, headers })
    for (const cookie of answer.headers.getSetCookie()) keep(cookies, cookie)
    return answer
  }
  const follow = async (answer: Answer): Promise<Answer> => {
    for (let count = 0; count < maxRedirects; count++) {
      const location = answer.headers.get('location')
      if (answer.status < 300 || answer.status >= 400 || !location?.startsWith('/')) return answer
      answer = await send('GET', location)
    }
    assert.fail('too many redirects')
  }

  return {
    cookies,
    open: async (path) => follow(await send('GET', path)),
    submit: async (page, typed, action) => {
      const form = formsOf(page).find((form) => action === undefined || form.action === action)
      assert.ok(form, `no such form in ${page.text}`)
      return follow(await send('POST', form.action, { form: { ...form.fields, ...typed } }))
    },
    post: (path, form, headers) => send('POST', path, { form, headers }),
  }
}

/** Signs somebody in to the account page. */
export async function signInAtAccount(
  server: TestServer,
  { username, password }: { username: string; password: string },
  userAgent?: string,
): Promise<PlainBrowser> {
  const browser = plainBrowser(server, userAgent)
  const page = await browser.submit(await browser.open('/ui/account'), { identifier: username, password })
  assert.equal(page.status, 200, page.text)
  assert.ok(browser.cookies.has('__Host-manydoors-session'), page.text)
  return browser
}

function keep(cookies: Map<string, string>, cookie: string): void {
  const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
  if (/max-age=0|expires=thu, 01 jan 1970/i.test(cookie) || value === '') cookies.delete(name)
  else cookies.set(name, value)
}
