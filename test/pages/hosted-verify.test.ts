import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { freshEmail, queryOf, type TestServer, useServer } from '../harness/harness.ts'
import { assertGone, assertNoForm, assertPage, open } from './page.ts'

const password = '12345678'
const day = 86_400_000

describe('the page of a verification link', () => {
  const server = useServer('sqlite')

  it('changes nothing when it is opened, however often', async () => {
    const { email, link } = await signUp(server)
    for (let times = 0; times < 3; times++) {
      const page = await open(server, link)
      assertPage(page, 200)
      assert.match(page.text, /<form method="post" action="\/ui\/verify-email">/)
      assert.ok(page.text.includes(`name="token" value="${queryOf(link, 'token')}"`))
    }
    assert.equal(await isVerified(server, email), false)
    assertPage(await submit(server, queryOf(link, 'token')), 200)
    assert.equal(await isVerified(server, email), true)
  })

  it('thanks again when its form is sent again', async () => {
    const { email, link } = await signUp(server)
    for (let times = 0; times < 2; times++) {
      const done = await submit(server, queryOf(link, 'token'))
      assertPage(done, 200)
      assertNoForm(done)
      assert.deepEqual(done.cookies, [])
    }
    assert.equal(await isVerified(server, email), true)
  })

  it("also accepts credebl's links", async () => {
    const { email } = await signUp(server)
    await server.request('POST', '/auth/verification-mail', { json: { email } })
    const { links } = await server.mail(email, /CREDEBL/)
    const code = queryOf(links[0], 'verificationCode')
    const page = await open(server, links[0] ?? '')
    assertPage(page, 200)
    assert.ok(page.text.includes(`value="${code}"`))
    assert.equal(await isVerified(server, email), false)
    assertPage(await submit(server, code), 400)
    assert.equal(await isVerified(server, email), false)
    const form = { token: code, password }
    assertPage(await server.request('POST', '/ui/verify-email', { form }), 200)
    assert.equal(await isVerified(server, email), true)
  })

  it('is gone after a day', async () => {
    const { email, link } = await signUp(server)
    server.clock.advance(day)
    assertGone(await open(server, link))
    assertGone(await submit(server, queryOf(link, 'token')))
    assert.equal(await isVerified(server, email), false)
  })

  it('is gone where there is no such link', async () => {
    for (const query of ['', '?token=', '?token=nothing', '?token=a&token=b', '?verificationCode='])
      assertGone(await server.request('GET', `/ui/verify-email${query}`))
    assertGone(await submit(server, 'nothing'))
    assertGone(await submit(server, ''))
  })

  it('does not accept a reset link', async () => {
    const { email } = await signUp(server)
    await server.request('POST', '/api/co/auth/forgot-password', { json: { email } })
    const { links } = await server.mail(email, /new password/)
    const token = queryOf(links[0], 'token')
    assertGone(await server.request('GET', `/ui/verify-email?token=${token}`))
    assertGone(await submit(server, token))
    assert.equal(await isVerified(server, email), false)
  })

  it('escapes the URL', async () => {
    const evil = '"><script>alert(1)</script>'
    for (const name of ['token', 'verificationCode', 'email']) {
      const page = await server.request('GET', `/ui/verify-email?${new URLSearchParams({ [name]: evil })}`)
      assertGone(page)
      assert.ok(!page.text.includes('alert(1)'))
    }
    assertGone(await submit(server, evil))
  })

  it('speaks the language of the browser', async () => {
    const languages = {
      nb: 'nb',
      'no,en;q=0.5': 'nb',
      nb_NO: 'nb',
      'en_GB,nb_NO;q=0.5': 'en',
      en: 'en',
      'fr,de': 'en',
      '': 'en',
      'en;q=0.1,nb': 'nb',
    }
    for (const [accepted, language] of Object.entries(languages)) {
      const headers = { 'accept-language': accepted }
      const page = await server.request('GET', '/ui/verify-email', { headers })
      assert.ok(page.text.includes(`<html lang="${language}">`), accepted)
      assert.match(page.headers.get('vary') ?? '', /Accept-Language/)
    }
  })
})

/** Opens an account at minbil's door, whose mail leads to the hosted page. */
async function signUp(server: TestServer): Promise<{ email: string; link: string }> {
  const email = freshEmail()
  const answer = await server.request('POST', '/api/co/auth/sign-up', { json: { email, password } })
  assert.equal(answer.status, 201, answer.text)
  const { links } = await server.mail(email, /^Confirm/)
  return { email, link: links[0] ?? '' }
}

function submit(server: TestServer, token: string) {
  return server.request('POST', '/ui/verify-email', { form: { token } })
}

/** Whether credebl, which wants a proven address, lets its owner in. */
async function isVerified(server: TestServer, email: string): Promise<boolean> {
  const { status, body } = await server.request('POST', '/auth/signin', { json: { email, password } })
  if (status === 200) return true
  assert.deepEqual([status, body.message], [401, 'Please verify your email'])
  return false
}
