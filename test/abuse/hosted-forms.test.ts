import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ServedRoute } from '../../src/http/served-routes.ts'
import { register } from '../dialects/pm2/door.ts'
import { onEveryEngine, useServer } from '../harness/harness.ts'
import { formsOf } from '../pages/html.ts'
import { type PlainBrowser, signInAtAccount } from '../pages/jar.ts'
import { namesIn } from './names-in.ts'

/** What is no value of any field; as it is written in a form. */
const strange = [
  '',
  '%00',
  'a%00b@example.com',
  '%ED%A0%80',
  '%FF%FE',
  '%0d%0aset-cookie:%20x=y',
  '%F0%9F%98%80'.repeat(300),
  'x'.repeat(20_000),
  '%2B4740000000%00',
  '__proto__',
  '1e999',
  '{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{"clientDataJSON":{"a":[]},"userHandle":[]}}',
  `{"id":"AAAA","response":{"clientDataJSON":"${Buffer.from('{"challenge":"%00\\u0000"}').toString('base64url')}"}}`,
]

onEveryEngine('forms of pages that hold what nobody types', (engine) => {
  const server = useServer(engine)

  it('are answered with a page, by whoever is in a login or signed in, and never fail', async () => {
    const person = await register(server)
    const routes = server.routes.filter(({ method, path }) => method === 'POST' && path.startsWith('/ui/'))
    assert.ok(routes.length > 25, `${routes.length} routes`)
    let browser: PlainBrowser | undefined
    for (const route of routes) {
      for (const value of strange) {
        browser = await signedIn(browser)
        const path = `${route.path} ${value.slice(0, 60)}`
        const { status, text } = await sendForm(browser, route, value)
        assert.ok(status < 500, `${path}: ${status} ${text}`)
      }
    }
    assert.deepEqual(
      server.log.filter(({ level }) => Number(level) >= 50),
      [],
    )

    async function signedIn(browser: PlainBrowser | undefined): Promise<PlainBrowser> {
      return browser?.cookies.has('__Host-manydoors-session') ? browser : signInAtAccount(server, person)
    }
  })

  /** Sends a form whose key is good, and has that value in each of its other fields. */
  async function sendForm(browser: PlainBrowser, route: ServedRoute, value: string) {
    const isOfLogin = route.path.startsWith('/ui/l/')
    const page = await browser.open(isOfLogin ? '/ui/account/sign-in' : '/ui/account')
    const key = formsOf(page).find(({ fields }) => fields.form)?.fields.form
    assert.ok(key, page.text)
    const [, login = ''] = /\/ui\/l\/([\w-]+)/.exec(page.text) ?? []
    const segment = value.slice(0, 300).replaceAll(/[^\w%.-]/g, '') || 'x'
    const path = route.path.replace(':login', login).replace(/:\w+/, segment)
    const names = namesIn(route.schema.body).filter((name) => name !== 'form')
    const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ')
    return server.request('POST', path, {
      raw: [`form=${key}`, ...names.map((name) => `${name}=${value}`)].join('&'),
      headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
    })
  }
})
