import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { authorizePath, register, webClient } from '../dialects/pm2/door.ts'
import { useServer } from '../harness/harness.ts'
import { formsOf } from './html.ts'
import { plainBrowser, signInAtAccount } from './jar.ts'

const cookie = '__Host-manydoors-language'
const languageOf = ({ text }: { text: string }) => /<html lang="(\w+)">/.exec(text)?.[1]
const action = '/ui/language'

describe('the language of pages', () => {
  const server = useServer('sqlite')

  it('is switched in the foot of a page, which comes again, and stays for a year', async () => {
    const browser = plainBrowser(server)
    const english = await browser.open(authorizePath(webClient))
    assert.equal(languageOf(english), 'en')
    assert.match(english.text, /<button type="submit" lang="nb">Norsk<\/button>/)
    const norwegian = await browser.submit(english, {}, action)
    assert.equal(languageOf(norwegian), 'nb')
    assert.match(norwegian.text, /<h1>Logg inn<\/h1>/)
    assert.match(norwegian.text, /<button type="submit" lang="en">English<\/button>/)
    assert.equal(languageOf(await browser.open('/ui/no-such-page')), 'nb')

    const { headers } = await browser.post(action, { language: 'en', back: '/ui/signed-out' })
    const [kept = ''] = headers.getSetCookie()
    assert.match(
      kept,
      /^__Host-manydoors-language=en; Max-Age=31536000; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    )
  })

  it('is that of the cookie before that of the browser, and English for any other word', async () => {
    const ask = async (headers: Record<string, string>) =>
      languageOf(await server.request('GET', '/ui/signed-out', { headers }))
    assert.equal(await ask({ 'accept-language': 'nb' }), 'nb')
    assert.equal(await ask({ 'accept-language': 'nb', cookie: `${cookie}=en` }), 'en')
    assert.equal(await ask({ 'accept-language': 'de' }), 'en')
    assert.equal(await ask({ 'accept-language': 'nb', cookie: `${cookie}=xx` }), 'nb')
    assert.equal(await ask({ 'accept-language': 'nb', cookie: `${cookie}=en; ${cookie}=nb` }), 'nb')
  })

  it('is switched from the answer to a form, to the page that the form is on', async () => {
    const browser = plainBrowser(server)
    const page = await browser.open(authorizePath(webClient))
    const refused = await browser.submit(page, { identifier: 'nobody', password: 'wrong-password' })
    assert.equal(refused.status, 401)
    const again = await browser.submit(refused, {}, action)
    assert.deepEqual([again.status, languageOf(again)], [200, 'nb'])
    assert.match(again.text, /<h1>Logg inn<\/h1>/)
  })

  it('leads back to paths of ours alone, and takes no other language', async () => {
    const browser = plainBrowser(server)
    for (const back of [
      '//evil.example',
      'https://evil.example/',
      '/\\evil.example',
      '/ui\r\nx: y',
      `/${'x'.repeat(3000)}`,
      'ui/account',
      '',
    ]) {
      const { status, headers } = await browser.post(action, { language: 'nb', back })
      assert.deepEqual([status, headers.get('location')], [303, '/ui/account'], back)
    }
    const { status, cookies } = await browser.post(action, { language: 'tlh', back: '/ui' })
    assert.deepEqual([status, cookies], [303, []])
    const elsewhere = { 'sec-fetch-site': 'cross-site' }
    const refused = await browser.post(action, { language: 'en', back: '/ui' }, elsewhere)
    assert.deepEqual([refused.status, refused.cookies], [403, []])
  })

  it('is kept with the account of whoever is signed in, and holds in their other browsers', async () => {
    const person = await register(server)
    const one = await signInAtAccount(server, person)
    const page = await one.open('/ui/account')
    await one.submit(page, {}, action)
    const other = await signInAtAccount(server, person)
    assert.equal(languageOf(await other.open('/ui/account')), 'nb')
    // The browser's own comes first.
    await other.post(action, { language: 'en', back: '/ui/account' })
    assert.equal(languageOf(await other.open('/ui/account')), 'en')
    assert.equal(languageOf(await (await signInAtAccount(server, person)).open('/ui/account')), 'nb')
  })

  it('is kept with no account by a form of another browser', async () => {
    const person = await register(server)
    const one = await signInAtAccount(server, person)
    const stranger = await signInAtAccount(server, await register(server))
    const [form] = formsOf(await stranger.open('/ui/account'))
    await one.post(action, { language: 'nb', back: '/ui/account', form: form?.fields.form ?? '' })
    assert.equal(languageOf(await (await signInAtAccount(server, person)).open('/ui/account')), 'en')
  })

  it('is that of the mails which the browser causes', async () => {
    const browser = plainBrowser(server)
    const person = await register(server)
    const page = await browser.submit(await browser.open('/ui/forgot-password'), {}, action)
    await browser.submit(page, { email: person.email })
    await server.mail(person.email, /^Velg et nytt passord/)
  })
})
