import assert from 'node:assert/strict'
import type { Answer, TestServer } from '../../harness/harness.ts'

/** Opens the link of a mail, or where an answer leads. */
export function follow(server: TestServer, link = ''): Promise<Answer> {
  const { pathname, search } = new URL(link)
  return server.request('GET', pathname + search)
}

/** Presses the button of a page. */
export function press(
  server: TestServer,
  { status, text }: Answer,
  headers: Record<string, string> = {},
): Promise<Answer> {
  assert.equal(status, 200, text)
  const [, action = ''] = /<form method="post" action="([^"]+)">/.exec(text) ?? []
  const fields = text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)
  const form = Object.fromEntries(
    [...fields].map(([, name, value]) => [name, (value ?? '').replaceAll('&amp;', '&')]),
  )
  return server.request('POST', action, { form, headers })
}

/** Where an answer leads. */
export function locationOf({ headers, status, text }: Answer): string {
  assert.equal(status, 303, text)
  return headers.get('location') ?? ''
}
