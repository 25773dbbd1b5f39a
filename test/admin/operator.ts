import assert from 'node:assert/strict'
import type { Role } from '../../src/core/operators/capabilities.ts'
import { runCommand } from '../harness/command.ts'
import type { TestServer } from '../harness/harness.ts'
import { type PlainBrowser, plainBrowser } from '../pages/jar.ts'
import { optionsOn, type SoftwareKey, softwareKey } from '../pages/passkeys/software-key.ts'

/** What of a server it takes to invite somebody, and to let them in. */
type Inviting = Pick<TestServer, 'env' | 'request'> & { clock: { now(): number } }

/** Somebody who runs a server, at their browser. */
export interface TestOperator {
  email: string
  browser: PlainBrowser
  key: SoftwareKey
  recoveryCodes: string[]
}

let count = 0

/** Has the command line invite somebody, and returns the path of the link. */
export async function invite(server: Inviting, email: string, args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand({ ...server, env: server.env, now: server.clock.now }, [
    'operator',
    'invite',
    email,
    ...args,
  ])
  assert.equal(code, 0, stderr)
  return new URL(stdout.split('\n', 1)[0] ?? '').pathname
}

/** Makes an operator with a passkey, who is signed in and has shown just now who they are. */
export async function operatorOf(
  server: Inviting,
  role: Role = 'owner',
  { realms = [] as string[] } = {},
): Promise<TestOperator> {
  const email = `operator${++count}@example.com`
  const held = realms.length > 0 ? ['--realm', ...realms] : []
  return enrolWith(server, await invite(server, email, ['--role', role, ...held]), email)
}

/** Takes up an invitation with a new passkey. */
export async function enrolWith(
  server: Pick<TestServer, 'request'>,
  path: string,
  email: string,
): Promise<TestOperator> {
  const browser = plainBrowser(server)
  const key = softwareKey({ isSynced: true })
  const page = await browser.open(path)
  assert.equal(page.status, 200, page.text)
  const welcome = await browser.submit(page, { name: `Ada ${count}`, passkey: key.make(optionsOn(page)) })
  assert.equal(welcome.status, 200, welcome.text)
  const recoveryCodes = [...welcome.text.matchAll(/<li>([a-z\d]{12})<\/li>/g)].map(([, code = '']) => code)
  return { email, browser, key, recoveryCodes }
}

/** Signs an operator in anew with their passkey, in a browser of their own. */
export async function signInOperator(
  server: Pick<TestServer, 'request'>,
  key: SoftwareKey,
  path = '/admin',
): Promise<PlainBrowser> {
  const browser = plainBrowser(server)
  const page = await browser.open(path)
  const { answer } = await signWith(browser, page, key)
  assert.equal(answer.status, 200, answer.text)
  return browser
}

/** Has a browser answer the page that asks for a passkey: that of the sign-in, or of a proof. */
export async function signWith(
  browser: PlainBrowser,
  page: { text: string; status: number },
  key: SoftwareKey,
) {
  const answer = await browser.submit(
    page as never,
    { passkey: key.sign(optionsOn(page)) },
    formOf(page.text),
  )
  return { answer }
}

function formOf(html: string): string {
  const [, action = ''] = /<form method="post" action="([^"]*)"[^>]* data-passkey/.exec(html) ?? []
  return action
}
