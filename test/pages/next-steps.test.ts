import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { comeAgainText } from '../../src/pages/come-again.ts'
import { minbil } from '../harness/doors.ts'
import { freshEmail, queryOf, useServer } from '../harness/harness.ts'
import { plainBrowser } from './jar.ts'
import { assertPage } from './page.ts'

/** Where the button of a page leads, and what is on it. */
function nextOf({ text }: { text: string }): [href: string | undefined, words: string | undefined] {
  const [, href, words] = /<a class="button" href="([^"]*)" rel="noreferrer">([^<]*)<\/a>/.exec(text) ?? []
  return [href, words]
}

describe('a page without a form of its own', () => {
  const server = useServer('sqlite', { limits: 'real' })

  it('leads on where a link is used up: to a new one, or to the sign-in', async () => {
    const reset = await server.request('GET', '/ui/reset-password?token=none')
    assertPage(reset, 404)
    assert.deepEqual(nextOf(reset), ['/ui/forgot-password', 'Ask for a new link'])
    assert.deepEqual(nextOf(await server.request('GET', '/ui/verify-email?token=none')), [
      '/ui/account',
      'Sign in',
    ])
  })

  it('leads on where something was refused, and names the request', async () => {
    const refusals: [path: string, status: number, words: RegExp][] = [
      ['/ui/no-such-page', 404, /There is no such page/],
      ['/ui/sign-in', 400, /This sign-in is over/],
      ['/api/oauth/authorize?client_id=nobody', 400, /The app that sent you here is not known/],
    ]
    for (const [path, status, words] of refusals) {
      const page = await server.request('GET', path)
      assertPage(page, status)
      assert.match(page.text, words)
      assert.deepEqual(nextOf(page), ['/ui/account', 'Go to your account'], path)
      assert.ok(page.text.includes(`Request ${page.headers.get('x-request-id')}`))
    }
  })

  it('leads on once a password is set or an address confirmed', async () => {
    const email = freshEmail()
    const json = { email, password: '12345678' }
    await server.request('POST', '/api/co/auth/sign-up', { json })
    const browser = plainBrowser(server)
    const confirm = (await server.mail(email, /^Confirm/)).links[0]
    const verify = await browser.open(`/ui/verify-email?token=${queryOf(confirm, 'token')}`)
    assert.deepEqual(nextOf(await browser.submit(verify, {})), ['/ui/account', 'Sign in'])
    await server.request('POST', '/api/co/auth/forgot-password', { json: { email } })
    const link = (await server.mail(email, /^Set/)).links[0]
    const reset = await browser.open(`/ui/reset-password?token=${queryOf(link, 'token')}`)
    const done = await browser.submit(reset, { password: 'a new passphrase' })
    assert.deepEqual(nextOf(done), ['/ui/account', 'Sign in'])
    // Nothing opens this page again, so it has no language to switch to.
    assert.doesNotMatch(done.text, /action="\/ui\/language"/)
    assert.equal((await minbil.signIn(server, { ...json, password: 'a new passphrase' })).status, 200)
  })

  it('is where /ui leads', async () => {
    const { status, headers } = await server.request('GET', '/ui')
    assert.deepEqual([status, headers.get('location')], [303, '/ui/account'])
  })

  it('says when to come again, and leads to the page itself', async () => {
    let page = await server.request('GET', '/ui/account/sign-in?next=/ui/account/security')
    for (let begun = 0; begun < 300 && page.status === 303; begun++)
      page = await server.request('GET', '/ui/account/sign-in?next=/ui/account/security')
    assertPage(page, 429)
    assert.match(page.text, /Too many attempts\. Try again in \d+ minutes?\./)
    assert.deepEqual(nextOf(page), ['/ui/account/sign-in?next=/ui/account/security', 'Try again'])
  })
})

describe('when to come again', () => {
  it('is said in the units of people, and never too early', () => {
    assert.equal(comeAgainText(0, 'en'), 'in 1 second')
    assert.equal(comeAgainText(20, 'en'), 'in 20 seconds')
    assert.equal(comeAgainText(61, 'en'), 'in 2 minutes')
    assert.equal(comeAgainText(180, 'nb'), 'om 3 minutter')
    assert.equal(comeAgainText(7_201, 'nb'), 'om 3 timer')
  })
})
