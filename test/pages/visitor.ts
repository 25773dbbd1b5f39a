import assert from 'node:assert/strict'
import { redirectUri } from '../dialects/pm2/door.ts'
import type { Answer, RequestOptions, TestServer } from '../harness/harness.ts'
import { formsOf } from './html.ts'
import { assertNoForm, assertPage } from './page.ts'

/** What the pages say is wrong. */
export const wrong = 'The e-mail address, the user name or the password is not right.'
export const stale = 'This page was out of date. Please try again.'

/** A browser that keeps the cookie of one login. */
export function browse(server: TestServer, cookie: string) {
  const request = (method: string, path: string, options: RequestOptions = {}) =>
    server.request(method, path, { ...options, headers: { ...options.headers, cookie } })
  return {
    /** Follows the way from the short path of a page to that of its login. */
    open: async (path: string, headers?: Record<string, string>) => {
      const answer = await request('GET', path, { headers })
      const login = answer.headers.get('location') ?? ''
      return login.startsWith('/ui/l/') ? request('GET', login, { headers }) : answer
    },
    /** Fills in the form of a page and sends it as it is made. */
    submit: (page: Answer, typed: Record<string, string>) => {
      const [form] = formsOf(page)
      assert.ok(form, page.text)
      return request('POST', form.action, { form: { ...form.fields, ...typed } })
    },
    post: (path: string, form: Record<string, string>) => request('POST', path, { form }),
  }
}

/** What the first form of a page holds before anything is typed. */
export function fieldsOf(page: Pick<Answer, 'text'>): Record<string, string> {
  return formsOf(page)[0]?.fields ?? {}
}

/** The text of a page without what is of this person, and of this answer, alone. */
export function alike(page: Pick<Answer, 'text'>, typed: string): string {
  return page.text.replaceAll(/name="form" value="[\w-]{64}"/g, 'name="form"').replaceAll(typed, 'EMAIL')
}

/** That the form is shown again, with what is wrong. */
export function assertProblem(
  answer: Answer,
  status: number,
  problem: string,
  formTarget = redirectUri,
): void {
  assertPage(answer, status, formTarget)
  const alerts = [...answer.text.matchAll(/<p class="problem" role="alert" id="problem">([^<]*)<\/p>/g)]
  assert.deepEqual(
    alerts.map(([, text]) => text),
    [problem],
  )
  assert.match(answer.text, /<title>Problem: /)
  assert.match(answer.text, /aria-describedby="problem( [\w-]*hint)?" aria-invalid="true"/)
  assert.deepEqual(answer.cookies, [])
}

/** That there is no login to go on with. */
export function assertOver(answer: Answer): void {
  assertPage(answer, 400)
  assert.match(answer.text, /This sign-in is over/)
  assertNoForm(answer)
}

/** The login is proven: the browser goes on to finish it. */
export function assertProven(answer: Answer): string {
  assert.equal(answer.status, 303, answer.text)
  assert.equal(answer.headers.get('cache-control'), 'no-store')
  assert.equal(answer.headers.get('referrer-policy'), 'no-referrer')
  const location = answer.headers.get('location') ?? ''
  assert.match(location, /^\/api\/oauth\/authorize\/done\?code=[0-9a-f]{64}$/)
  return location
}
