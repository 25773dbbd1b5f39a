import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { register } from '../../dialects/pm2/door.ts'
import { useServer } from '../../harness/harness.ts'
import { formsOf } from '../html.ts'
import { plainBrowser, signInAtAccount } from '../jar.ts'

/** Where whoever has made a link would like people to end. */
const elsewhere = [
  '//evil.example',
  '/\\evil.example',
  'https://evil.example',
  'javascript:alert(1)',
  '/ui/account/../../..//evil.example',
  '/ui/account/..%2f..%2f%2fevil.example',
  '/ui/account\\..\\evil.example',
  '/ui/account@evil.example',
  '/ui/accountevil.example',
  '/ui/account?next=https://evil.example',
  '/ui/account#//evil.example',
  '/ui/account\r\nset-cookie: a=b',
  '/ui/account\u2028//evil.example',
  '/ui/account/\u202emoc',
  `/ui/account/${'a'.repeat(4000)}!`,
  ' /ui/account//evil.example ',
  '\t//evil.example',
]

describe('a link to the account page', () => {
  const server = useServer('sqlite')

  function assertOurs(location: string | null, what: string): void {
    assert.ok(location, what)
    const { origin, pathname } = new URL(location, server.url)
    assert.equal(origin, server.url, what)
    assert.match(pathname, /^\/ui\//, what)
  }

  it('is not carried on where it is longer than any of ours', async () => {
    const query = `?next=${'x'.repeat(12_000)}`
    const signedOut = await server.request('GET', `/ui/account/passkeys/new${query}`)
    assert.equal(signedOut.headers.get('location'), '/ui/account/sign-in?next=%2Fui%2Faccount')
    const short = await server.request('GET', `/account${query}`, {
      headers: { 'sec-fetch-mode': 'navigate' },
    })
    assert.equal(short.headers.get('location'), '/ui/account')
  })

  it('leads nobody elsewhere after the sign-in, the proof or the offer of a passkey', async () => {
    const person = await register(server)
    for (const next of elsewhere) {
      const query = `next=${encodeURIComponent(next)}`
      const browser = plainBrowser(server)
      const signIn = await browser.open(`/ui/account/sign-in?${query}`)
      const [form] = formsOf(signIn)
      assert.ok(form, next)
      const typed = { ...form.fields, identifier: person.username, password: person.password }
      const proven = await browser.post(form.action, typed)
      const done = await server.request('GET', proven.headers.get('location') ?? '', {
        headers: { cookie: [...browser.cookies].map((pair) => pair.join('=')).join('; ') },
      })
      assert.equal(done.headers.get('location'), '/ui/account', next)
    }

    const browser = await signInAtAccount(server, person)
    const [own] = formsOf(await browser.open('/ui/account'))
    const form = own?.fields.form ?? ''
    for (const next of elsewhere) {
      const { password } = person
      const proven = await browser.post('/ui/account/prove', { form, password, next })
      assert.equal(proven.headers.get('location'), '/ui/account', next)
      const offer = await browser.open(`/ui/account/passkeys/offer?next=${encodeURIComponent(next)}`)
      assert.match(offer.text, /href="\/ui\/account">Not now</, next)
    }
  })

  it('leads nobody elsewhere from the switch of the language and from the short path', async () => {
    const browser = plainBrowser(server)
    for (const back of elsewhere) {
      const switched = await browser.post('/ui/language', { language: 'nb', back })
      const location = switched.headers.get('location')
      assert.equal(new URL(location ?? '', server.url).origin, server.url, back)
      assert.doesNotMatch(location ?? '', /[\r\n\t\\]/, back)
    }
    for (const path of ['/account//evil.example', '/account/%0d%0aa:b']) {
      const headers = { 'sec-fetch-mode': 'navigate' }
      const { headers: answered } = await server.request('GET', path, { headers })
      assertOurs(answered.get('location'), path)
    }
  })

  it('leads nobody to what the address of the page of a sign-out names', async () => {
    for (const name of elsewhere) {
      const query = `dialect=${encodeURIComponent(name)}&client=${encodeURIComponent(name)}`
      const page = await server.request('GET', `/ui/signed-out?${query}`)
      assert.equal(page.status, 200, name)
      const links = [...page.text.matchAll(/ (?:href|action|src)="([^"]*)"/g)].map(([, link]) => link ?? '')
      for (const link of links) assert.equal(new URL(link, server.url).origin, server.url, link)
      assert.doesNotMatch(page.text.replaceAll(/name="back" value="[^"]*"/g, ''), /evil/)
    }
  })
})
