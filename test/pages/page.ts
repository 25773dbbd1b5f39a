import assert from 'node:assert/strict'
import type { Answer, TestServer } from '../harness/harness.ts'

/** Opens a link as a browser does, at the server that is tested. */
export function open(server: TestServer, link: string): Promise<Answer> {
  const { pathname, search } = new URL(link)
  return server.request('GET', `${pathname}${search}`)
}

/** That the page says that its link is no good. */
export function assertGone(answer: Answer): void {
  assertPage(answer, 404)
  assert.match(answer.text, /no longer valid/)
  assertNoForm(answer)
}

/** That the page has no form of its own; its footer may have one, which switches the language. */
export function assertNoForm({ text }: Pick<Answer, 'text'>): void {
  assert.match(text, /<main/)
  assert.doesNotMatch(text.slice(0, text.indexOf('</main>')), /<form/)
}

/**
 * That it is one of our pages: no script but ours, nothing kept, nothing told to where its links lead. `formTarget` is where
 * else its form may end.
 */
export function assertPage({ status, headers, text }: Answer, expected: number, formTarget?: string): void {
  assert.equal(status, expected, text)
  assert.equal(headers.get('content-type'), 'text/html; charset=utf-8')
  const policy = headers.get('content-security-policy') ?? ''
  assert.deepEqual(policy.split('; ').sort(), [
    "base-uri 'none'",
    "default-src 'none'",
    `form-action 'self'${formTarget === undefined ? '' : ` ${formTarget}`}`,
    "frame-ancestors 'none'",
    "img-src 'self' data:",
    "require-trusted-types-for 'script'",
    "script-src 'self'",
    "style-src 'self'",
    "trusted-types 'none'",
  ])
  assert.equal(headers.get('cache-control'), 'no-store')
  assert.equal(headers.get('referrer-policy'), 'no-referrer')
  assert.match(text, /^<!doctype html>/)
  // Links away are what people follow by themselves; they tell nothing of where they were.
  const own = text.replaceAll(/<a [^>]*rel="noreferrer">/g, '')
  assert.doesNotMatch(own, /<script(?! src="\/ui\/assets\/)|javascript:|\s(on\w+|style)=|https?:\/\//i)
}
