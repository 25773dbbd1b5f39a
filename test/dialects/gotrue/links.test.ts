import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { select } from '../../harness/database.ts'
import { claimsOf, freshEmail, onEveryEngine, type TestServer, useServer } from '../../harness/harness.ts'
import { follow, locationOf, press } from './links.ts'
import { ask, assertRefused, confirmedAccount, mailFor, post, signUp } from './mails.ts'

const minute = 60_000
const verifier = 'a-verifier-of-forty-three-characters-or-more-1'
const challenge = {
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 's256',
}
const home = 'https://app.example.com/welcome'
const yaml = JSON.stringify({
  realms: {
    main: {
      dialects: {
        gotrue: {
          clients: [
            {
              frontEndUrl: 'https://app.example.com/welcome',
              redirectUris: [
                'https://app.example.com/exact',
                'https://*.preview.example.com/**',
                'com.example.app://callback',
              ],
            },
          ],
        },
      },
    },
  },
})

onEveryEngine('links of gotrue', (engine) => {
  const server = useServer(engine, { yaml })
  describe('a link without a challenge', () => plainTests(server))
  describe('a link with a challenge', () => exchangeTests(server))
})

function plainTests(server: TestServer): void {
  it('shows a page whose button signs in, and changes nothing by being opened', async () => {
    const email = freshEmail()
    const { links } = await signUp(server, email, {})
    for (let scan = 0; scan < 3; scan++) assert.equal((await follow(server, links[0])).status, 200)
    const page = await follow(server, links[0])
    assert.match(
      page.headers.get('content-security-policy') ?? '',
      /form-action 'self' https:\/\/app\.example\.com;/,
    )
    assert.match(page.headers.get('cache-control') ?? '', /no-store/)
    const answer = await press(server, page)
    assert.equal(answer.status, 303, answer.text)
    const [target, fragment] = locationOf(answer).split('#')
    assert.equal(target, home)
    const values = new URLSearchParams(fragment)
    assert.deepEqual(
      [...values.keys()],
      ['access_token', 'expires_at', 'expires_in', 'refresh_token', 'token_type', 'type', 'sb'],
    )
    assert.equal(values.get('type'), 'signup')
    assert.equal(values.get('expires_in'), '3600')
    assert.equal((await ask(server, values.get('access_token') ?? '')).body.email, email)
    for (const again of [await press(server, page), await follow(server, links[0])]) {
      assert.equal(again.status, 303)
      assert.equal(
        locationOf(again),
        `${home}#error=access_denied&error_code=otp_expired&error_description=Email+link+is+invalid+or+has+expired&sb=`,
      )
    }
  })

  it('is pressed on its own page alone', async () => {
    const { links } = await signUp(server, freshEmail(), {})
    const page = await follow(server, links[0])
    const foreign = await press(server, page, { 'sec-fetch-site': 'cross-site' })
    assert.equal(foreign.status, 403)
    assert.equal(foreign.headers.get('location'), null)
    assert.equal((await press(server, page, { 'sec-fetch-site': 'same-origin' })).status, 303)
  })

  it('leads where it was wished, if the list of the client has that', async () => {
    const ends: [wished: string, end: string][] = [
      ['https://app.example.com/exact', 'https://app.example.com/exact'],
      ['https://app.example.com/exact/more', home],
      ['https://a.preview.example.com/deep/er?x=1', 'https://a.preview.example.com/deep/er?x=1'],
      ['https://a.b.preview.example.com/', home],
      ['https://evil.example/.preview.example.com/', home],
      ['https://evil.example\\.preview.example.com/', home],
      ['https://user@a.preview.example.com/', home],
      ['com.example.app://callback', 'com.example.app://callback'],
      ['javascript:alert(1)', home],
      ['someone@example.com', home],
      ['//evil.example', home],
    ]
    for (const [wished, end] of ends) {
      const path = `/otp?redirect_to=${encodeURIComponent(wished)}`
      const { links } = await mailFor(server, { path, about: 'magiclink', email: freshEmail() })
      const link = new URL(links[0] ?? '')
      assert.deepEqual([...link.searchParams.keys()], ['token', 'type', 'redirect_to'])
      assert.equal(link.searchParams.get('redirect_to'), end)
      link.searchParams.set('redirect_to', 'https://evil.example/')
      const answer = await press(server, await follow(server, link.href))
      assert.equal(locationOf(answer).split('#')[0], home)
    }
  })

  it('that is nobody’s leads back to the app, and is told apart from a broken one', async () => {
    const answer = await follow(
      server,
      `${server.url}/auth/v1/verify?token=0000&type=signup&redirect_to=${home}`,
    )
    assert.match(locationOf(answer), /^https:\/\/app\.example\.com\/welcome#error=access_denied/)
    const elsewhere = await follow(
      server,
      `${server.url}/auth/v1/verify?token=0000&type=x&redirect_to=https://evil.example`,
    )
    assert.match(locationOf(elsewhere), /^https:\/\/app\.example\.com\/welcome#error=access_denied/)
    assertRefused(await follow(server, `${server.url}/auth/v1/verify?type=signup`), 400, 'validation_failed')
  })
}

function exchangeTests(server: TestServer): void {
  const signUpWith = async (email = freshEmail(), asked: object = challenge) => {
    const { links } = await signUp(server, email, asked)
    assert.match(links[0] ?? '', /\?token=pkce_[\da-f]{64}&type=signup&/)
    return links[0] ?? ''
  }
  const codeOf = async (link: string) => {
    const answer = await follow(server, link)
    assert.equal(answer.status, 303, answer.text)
    const { origin, pathname, searchParams, hash } = new URL(locationOf(answer))
    assert.deepEqual([origin + pathname, hash], [home, ''])
    const code = searchParams.get('code') ?? ''
    assert.match(code, /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
    return code
  }
  const redeem = (auth_code: string, code_verifier = verifier) =>
    post(server, '/token?grant_type=pkce', { auth_code, code_verifier })

  it('gives a code for the session, as often as it is opened until that is redeemed', async () => {
    const email = freshEmail()
    const link = await signUpWith(email)
    const codes = [await codeOf(link), await codeOf(link)]
    server.clock.advance(minute)
    codes.push(await codeOf(link))
    const answer = await redeem(codes[0] ?? '')
    assert.equal(answer.status, 200, answer.text)
    assert.equal(answer.body.user.email, email)
    assert.equal(claimsOf(answer.body.access_token).amr[0].method, 'email/signup')
    for (const code of codes) assertRefused(await redeem(code), 404, 'flow_state_not_found')
    const again = new URL(locationOf(await follow(server, link)))
    assert.equal(again.searchParams.get('error_code'), 'otp_expired')
    assert.equal(new URLSearchParams(again.hash.slice(1)).get('error_code'), 'otp_expired')
  })

  it('keeps few rows however often it is opened', async () => {
    const link = await signUpWith()
    const count = async () =>
      Number(
        (
          await select(
            server.env.DATABASE_URL ?? '',
            "select count(*) as n from tickets where kind = 'mailed-exchange'",
          )
        )[0]?.n,
      )
    const before = await count()
    for (let opened = 0; opened < 10; opened++) {
      await codeOf(link)
      await codeOf(link)
      server.clock.advance(minute)
    }
    assert.ok((await count()) - before <= 6)
  })

  it('needs the verifier, and a wrong one uses nothing up', async () => {
    const code = await codeOf(await signUpWith())
    assertRefused(await redeem(code, 'x'.repeat(43)), 400, 'bad_code_verifier')
    assertRefused(await post(server, '/token?grant_type=pkce', { auth_code: code }), 400, 'validation_failed')
    const page = await server.request('POST', '/auth/v1/verify/confirm', {
      form: { token: '0', type: 'signup' },
    })
    assert.equal(page.status, 303)
    assert.equal((await redeem(code)).status, 200)
  })

  it('takes a plain challenge', async () => {
    const code = await codeOf(
      await signUpWith(freshEmail(), { code_challenge: verifier, code_challenge_method: 'plain' }),
    )
    assert.equal((await redeem(code)).status, 200)
  })

  it('gives no session to who posts it as if it had none', async () => {
    const link = await signUpWith()
    const { searchParams } = new URL(link)
    const form = { token: searchParams.get('token')?.replace('pkce_', '') ?? '', type: 'signup' }
    const answer = await server.request('POST', '/auth/v1/verify/confirm', { form })
    assert.match(locationOf(answer), /error_code=otp_expired/)
    assert.equal((await redeem(await codeOf(link))).status, 200)
  })

  it('has codes that are good for five minutes', async () => {
    const link = await signUpWith()
    const code = await codeOf(link)
    server.clock.advance(6 * minute)
    assertRefused(await redeem(code), 422, 'flow_state_expired')
    assert.equal((await redeem(await codeOf(link))).status, 200)
  })

  it('says what it was for', async () => {
    const { email } = await confirmedAccount(server)
    const methods = []
    for (const [path, about] of [
      ['/recover', 'recovery'],
      ['/otp', 'magiclink'],
    ] as const) {
      const { links } = await mailFor(server, { path, about, email, ...challenge })
      const { body } = await redeem(await codeOf(links[0] ?? ''))
      methods.push(claimsOf(body.access_token).amr[0].method)
    }
    assert.deepEqual(methods, ['recovery', 'magiclink'])
  })

  it('refuses challenges that are none', async () => {
    for (const asked of [
      { code_challenge: challenge.code_challenge },
      { code_challenge: 'short', code_challenge_method: 's256' },
      { code_challenge: `${'x'.repeat(43)}!`, code_challenge_method: 's256' },
      { ...challenge, code_challenge_method: 'md5' },
    ])
      assertRefused(
        await post(server, '/recover', { email: freshEmail(), ...asked }),
        400,
        'validation_failed',
      )
    assertRefused(await redeem('00000000-0000-4000-8000-000000000000'), 404, 'flow_state_not_found')
  })

  it('is good as a token hash, too', async () => {
    const { searchParams } = new URL(await signUpWith())
    const answer = await post(server, '/verify', { type: 'signup', token_hash: searchParams.get('token') })
    assert.equal(answer.status, 200, answer.text)
  })
}
