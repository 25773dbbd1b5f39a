import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import {
  type Answer,
  type Engine,
  type ServerOptions,
  startTestServer,
  type TestServer,
} from '../harness/harness.ts'
import { formsOf } from '../pages/html.ts'
import { type PlainBrowser, plainBrowser } from '../pages/jar.ts'
import {
  clientId,
  clientSecret,
  type Stranger,
  startToldProvider,
  type ToldProvider,
} from './told-provider.ts'

/** The settings of that provider, as `other`. */
export function settingsOf(issuer: string, secret = clientSecret) {
  const who = { preset: 'oidc', id: 'other', name: 'Other' }
  return { ...who, issuer, clientId, clientSecret: secret, trustsEmail: true }
}

/** The settings of a realm with that provider, as `other`. */
export function settingsWith(issuer: string, { more = '', secret = clientSecret } = {}): string {
  return `realms:
  main:
    signInWith:
      - preset: oidc
        id: other
        name: Other
        issuer: ${issuer}
        clientId: ${clientId}
        clientSecret: ${secret}
        trustsEmail: true
${more}`
}

/** A provider and a server whose people sign in with it, for all tests of the suite that this is called in. */
export function useProvider(
  engine: Engine,
  { more, ...options }: ServerOptions & { more?: string } = {},
): { server: TestServer; provider: ToldProvider } {
  const server = {} as TestServer
  const provider = {} as ToldProvider
  before(async () => {
    const started = await startToldProvider()
    // What a test sets must reach the provider itself.
    Object.defineProperty(provider, 'answer', {
      get: () => started.answer,
      set: (answer) => {
        started.answer = answer
      },
    })
    Object.setPrototypeOf(provider, started)
    const yaml = settingsWith(started.issuer, { more: more?.replaceAll('ISSUER', started.issuer) })
    Object.setPrototypeOf(server, await startTestServer(engine, { ...options, yaml }))
  })
  after(async () => {
    await server.close?.()
    await provider.close?.()
  })
  return { server, provider }
}

/** The path of the form that leads to the provider. */
export function providerForm(page: Answer, ending = '/with/other'): string {
  const form = formsOf(page).find(({ action }) => action.endsWith(ending))
  assert.ok(form, page.text)
  return form.action
}

/** Presses the button of the provider; the address that the browser goes on to. */
export async function goToProvider(browser: PlainBrowser, page: Answer, ending?: string): Promise<string> {
  const answer = await browser.submit(page, {}, providerForm(page, ending))
  assert.equal(answer.status, 200, answer.text)
  return addressOf(answer)
}

/** The address that a page sends its browser on to. */
export function addressOf(answer: Answer): string {
  const [, address = ''] = /^0; url=(.+)$/.exec(answer.headers.get('refresh') ?? '') ?? []
  assert.ok(answer.text.includes(address.replaceAll('&', '&amp;')), 'and there is a link')
  return address
}

/** Signs in to a page of the account with the provider; the page that answers. */
export async function signInWithProvider(
  { server, provider }: { server: TestServer; provider: ToldProvider },
  person: Stranger,
  { browser = plainBrowser(server), path = '/ui/account' } = {},
): Promise<{ browser: PlainBrowser; page: Answer }> {
  const address = await goToProvider(browser, await browser.open(path))
  return { browser, page: await browser.open(provider.signIn(address, person)) }
}

/** That the browser is signed in to the account page. */
export function assertAtAccount(page: Answer): void {
  assert.equal(page.status, 200, page.text)
  assert.match(page.text, /action="\/ui\/account\/sign-out"/)
}
