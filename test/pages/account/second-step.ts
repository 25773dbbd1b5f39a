import assert from 'node:assert/strict'
import { nextCode, registerWithSecondFactor } from '../../dialects/wolfpal/door.ts'
import type { Answer, TestServer } from '../../harness/harness.ts'
import { type PlainBrowser, plainBrowser } from '../jar.ts'

export type Protected = Awaited<ReturnType<typeof registerWithSecondFactor>>

/** Goes to the account page and shows the password; what follows is returned. */
export async function showPassword(
  browser: PlainBrowser,
  { username, password }: { username: string; password: string },
): Promise<Answer> {
  return browser.submit(await browser.open('/ui/account'), { identifier: username, password })
}

/** Signs somebody with a second factor in to the account page, and says whether their device is to be trusted. */
export async function signInWithCode(
  server: TestServer,
  person: Protected,
  typed: { trust?: 'on' } = {},
  browser = plainBrowser(server),
): Promise<PlainBrowser> {
  const asked = await showPassword(browser, person)
  assert.match(asked.text, /<h1>Enter your code<\/h1>/)
  const page = await browser.submit(asked, { code: nextCode(server, person.secret), ...typed })
  assertSignedIn(page)
  return browser
}

/** Somebody with a second factor whose browser is trusted, and signed out. */
export async function trustedPerson(
  server: TestServer,
): Promise<{ person: Protected; browser: PlainBrowser }> {
  const person = await registerWithSecondFactor(server)
  const browser = await signInWithCode(server, person, { trust: 'on' })
  assert.ok(browser.cookies.has('__Host-manydoors-trusted'))
  await signOut(browser)
  return { person, browser }
}

export async function signOut(browser: PlainBrowser): Promise<void> {
  await browser.submit(await browser.open('/ui/account'), {}, '/ui/account/sign-out')
}

/** That the answer is the account page. */
export function assertSignedIn({ status, text }: Answer): void {
  assert.equal(status, 200, text)
  assert.match(text, /<h1>Profile<\/h1>/)
}

/** That the answer asks for a code of the second factor. */
export function assertAsked({ text }: Answer): void {
  assert.match(text, /<h1>Enter your code<\/h1>/)
}
