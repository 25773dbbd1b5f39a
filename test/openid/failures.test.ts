import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type OwnPostgres, startOwnPostgres } from '../faults/own-postgres.ts'
import { select } from '../harness/database.ts'
import { register } from '../harness/doors.ts'
import { eventually } from '../harness/events.ts'
import { type Answer, noPostgres, onEveryEngine, type RequestOptions } from '../harness/harness.ts'
import { appBrowser, callbackOf } from './browser.ts'
import { basicAuth, exchangeCode, isActive, post, refresh } from './endpoints.ts'
import { useOpenid } from './harness.ts'
import { beginSignIn, signIn } from './relying-party.ts'

const apps = [
  { id: 'web', settings: { introspect: true, idTokenAlgorithm: 'ES256' as const } },
  {
    id: 'tv',
    settings: { authMethod: 'none' as const, grants: ['device_code' as const, 'refresh_token' as const] },
  },
  { id: 'spa', settings: { authMethod: 'none' as const } },
]
const asBrowser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

/** Words of what is inside, which nobody outside is to read. */
const internals = /sqlite|postgres|pg_|econn|node_modules|\.ts\b|\.js:|\n\s+at |kysely|select |insert |stack/i

/** The words of an answer, without what is random and without the addresses of scripts. */
function visibleIn({ text }: Pick<Answer, 'text'>): string {
  return text.replaceAll(/\/ui\/assets\/\S+|[\w-]{20,}/g, '')
}

/** A refusal for the moment: in the protocol's JSON, or where a browser asks on a page of ours. */
function assertComeAgain({ status, headers, body, text }: Answer, expected: 429 | 503, what: string): void {
  assert.equal(status, expected, `${what}: ${text}`)
  assert.match(headers.get('retry-after') ?? '', /^[1-9]\d*$/, what)
  assert.doesNotMatch(visibleIn({ text }), internals, what)
  const isPage = /^text\/html/.test(headers.get('content-type') ?? '')
  if (isPage) assert.match(text, /^<!doctype html>.*<main/s, what)
  else assert.equal(body.error, 'temporarily_unavailable', what)
}

describe('OpenID Connect without its database', { skip: noPostgres }, () => {
  let postgres: OwnPostgres
  const env: Record<string, string> = {}
  before(async () => {
    postgres = await startOwnPostgres()
    env.DATABASE_URL = postgres.url
  })
  after(() => postgres?.remove())
  const server = useOpenid('postgres', { apps, env })
  const web = () => server.app('web')

  it('asks everybody to come again, does nothing by halves, and goes on as soon as it is back', async () => {
    const [party, browser, person] = [await server.party('web'), appBrowser(server), await register(server)]
    const { access_token: access, refresh_token: token = '' } = await signIn(party, browser, person)
    const begun = await beginSignIn(party)
    const callback = callbackOf(await browser.visit(begun.url))
    const code = { callback, verifier: begun.checks.pkceCodeVerifier }
    const { url } = await beginSignIn(party)
    const stranger = appBrowser(server)
    const page = await stranger.visit(url)
    assert.equal(page.status, 200)
    const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ')
    const opened = (path: string) => server.request('GET', path, { headers: { ...asBrowser, cookie } })
    const asking: Record<string, () => Promise<Answer>> = {
      'an authorization': () => opened(`${url.pathname}${url.search}`),
      'an authorization of a stranger': () =>
        server.request('GET', `${url.pathname}${url.search}`, { headers: asBrowser }),
      'a sign-out': () => opened('/oidc/logout'),
      'the page for devices': () => opened('/oidc/device'),
      'an interaction': () => opened('/ui/authorize/nothing'),
      'an exchange': () => exchangeCode(server, web(), code),
      'a refresh': () => refresh(server, web(), token),
      userinfo: () => server.request('GET', '/oidc/userinfo', { bearer: access }),
      introspection: () => post(server, web(), '/oidc/introspect', { token: access }),
      revocation: () => post(server, web(), '/oidc/revoke', { token }),
      'a pushed request': () => post(server, web(), '/oidc/par', Object.fromEntries(url.searchParams)),
      'a device': () => post(server, server.app('tv'), '/oidc/device/code', { scope: 'openid' }),
    }

    await postgres.stop('SIGQUIT')
    for (const [what, ask] of Object.entries(asking)) assertComeAgain(await ask(), 503, what)
    for (const path of ['/.well-known/openid-configuration', '/.well-known/jwks.json'])
      assert.equal((await server.request('GET', path)).status, 200, path)

    await postgres.start()
    await eventually('readiness', async () => {
      const { status } = await server.request('GET', '/readyz')
      return status === 200 || undefined
    })
    assert.equal(await isActive(server, web(), access), true)
    const exchanged = await exchangeCode(server, web(), code)
    assert.equal(exchanged.status, 200, exchanged.text)
    const refreshed = await refresh(server, web(), token)
    assert.equal(refreshed.status, 200, refreshed.text)
    const { email: identifier, password } = person
    assert.ok(callbackOf(await stranger.send(page, { identifier, password })).searchParams.get('code'))
    const thefts = `select id from audit where event = 'session.reuse_detected'`
    assert.deepEqual(await select(postgres.url, thefts), [])
  })
})

onEveryEngine('limits of OpenID Connect', (engine) => {
  const rules = { 'authorize-address': 3, 'ticket-address': 3, 'refresh-address': 3 }
  const server = useOpenid(engine, { apps, limits: rules })

  it('refuse what is too much with the time to wait, in the words of who asks', async () => {
    const { url } = await beginSignIn(await server.party('web'))
    const spa = server.app('spa')
    const junk = { grant_type: 'authorization_code', code: 'junk', redirect_uri: spa.redirectUri }
    const wrong: Record<string, () => Promise<Answer>> = {
      'an authorization': () => server.request('GET', `${url.pathname}${url.search}`, { headers: asBrowser }),
      'a code': () => post(server, spa, '/oidc/token', { ...junk, code_verifier: 'x'.repeat(43) }),
    }
    for (const [what, ask] of Object.entries(wrong)) {
      for (let count = 0; count < 3; count++) assert.ok((await ask()).status <= 400, what)
      assertComeAgain(await ask(), 429, what)
    }
  })
})

onEveryEngine('what nobody sends to OpenID Connect', (engine) => {
  const server = useOpenid(engine, { apps, openid: { registration: 'open' } })
  const form = 'application/x-www-form-urlencoded'
  const paths = [
    '/oidc/token',
    '/oidc/introspect',
    '/oidc/revoke',
    '/oidc/par',
    '/oidc/device/code',
    '/oidc/userinfo',
    '/oidc/authorize',
    '/oidc/logout',
    '/oidc/logout/confirm',
    '/oidc/device',
    '/oidc/register',
  ]
  const assertRefused = (
    answer: Answer,
    what: string,
    expected = [400, 401, 403, 404, 405, 413, 414, 415, 431],
  ) => {
    assert.ok(expected.includes(answer.status), `${what}: ${answer.status} ${answer.text}`)
    assert.doesNotMatch(visibleIn(answer), internals, what)
  }
  const send = (path: string, raw: string | Buffer, type: string | undefined, extra: RequestOptions = {}) =>
    server.request('POST', path, {
      raw,
      headers: {
        ...basicAuth(server.app('web')),
        ...(type !== undefined && { 'content-type': type }),
        ...extra.headers,
      },
    })

  it('is refused, and is no fault of the server: bodies that are no forms', async () => {
    for (const path of paths) {
      const bodies: [string, string | Buffer, string | undefined][] = [
        ['JSON', '{"grant_type":"authorization_code","code":["a",{"b":1}]}', 'application/json'],
        ['broken JSON', '{"redirect_uris":[', 'application/json'],
        ['deep JSON', `${'['.repeat(20_000)}${']'.repeat(20_000)}`, 'application/json'],
        ['null', 'null', 'application/json'],
        ['XML', '<a/>', 'text/xml'],
        ['multipart', '--x\r\n\r\n--x--', 'multipart/form-data; boundary=x'],
        ['an unknown character set', 'a=b', `${form}; charset=utf-7`],
        ['a strange type', 'a=b', 'nothing'],
        ['no type', 'a=b', undefined],
        ['bytes', Buffer.from([0, 255, 254, 128, 61, 0]), form],
      ]
      for (const [what, raw, type] of bodies) {
        const answer = await send(path, raw, type)
        assert.ok(answer.status < 500, `${what} at ${path}: ${answer.status} ${answer.text}`)
        if (answer.status >= 300 && answer.status < 400) continue
        assertRefused(answer, `${what} at ${path}`, [200, 400, 401, 403, 404, 405, 413, 415])
      }
    }
  })

  it('is refused, and is no fault of the server: bodies that are too large', async () => {
    for (const path of paths)
      assertRefused(await send(path, `a=${'x'.repeat(2_000_000)}`, form), path, [303, 400, 401, 413])
  })

  it('is refused, and is no fault of the server: parameters that are there twice, or are strange', async () => {
    const strange = [
      '%00',
      '%ED%A0%80',
      '%FF%FE',
      '%0D%0ASet-Cookie:%20a=b',
      '__proto__',
      '%F0%9F%98%80'.repeat(50),
      'x'.repeat(40_000),
    ]
    const fields = [
      'grant_type',
      'code',
      'redirect_uri',
      'client_id',
      'refresh_token',
      'scope',
      'token',
      'device_code',
      'resource',
      'code_verifier',
      'request',
      'id_token_hint',
      'user_code',
      'xsrf',
      'dpop_jkt',
      'claims',
    ]
    for (const path of paths.filter((path) => path !== '/oidc/userinfo')) {
      for (const field of fields) {
        const twice = await send(path, `${field}=a&${field}=b&grant_type=refresh_token`, form)
        assert.ok(twice.status < 500, `${field} twice at ${path}: ${twice.status} ${twice.text}`)
        assert.doesNotMatch(visibleIn(twice), internals)
      }
      for (const value of strange) {
        const raw = fields.map((field) => `${field}=${value}`).join('&')
        for (const grant of ['authorization_code', 'refresh_token', 'client_credentials', '']) {
          const answer = await send(
            path,
            grant ? `grant_type=${grant}&${raw.slice(raw.indexOf('&') + 1)}` : raw,
            form,
          )
          assert.ok(answer.status < 500, `${value.slice(0, 30)} at ${path}: ${answer.status} ${answer.text}`)
          assert.doesNotMatch(visibleIn(answer), internals)
          assert.equal(answer.headers.get('set-cookie')?.includes('a=b') ?? false, false)
        }
      }
    }
  })

  it('is refused, and is no fault of the server: authorization requests with strange parameters', async () => {
    const { url } = await beginSignIn(await server.party('web'))
    const browser = appBrowser(server)
    const person = await register(server)
    await signIn(await server.party('web'), browser, person)
    const strange = [
      '\0',
      'a\0b',
      '\ud800',
      '%',
      '%zz',
      ' ',
      '\r\nx: y',
      '😀'.repeat(300),
      '"><script>alert(1)</script>',
      'x'.repeat(6_000),
      '[]',
      '{"a":',
      '-1',
      '1e400',
      '__proto__',
    ]
    const names = [
      'state',
      'nonce',
      'scope',
      'prompt',
      'max_age',
      'acr_values',
      'claims',
      'ui_locales',
      'login_hint',
      'id_token_hint',
      'display',
      'response_mode',
      'response_type',
      'code_challenge',
      'resource',
      'request',
      'request_uri',
      'client_id',
      'redirect_uri',
      'dpop_jkt',
      'registration',
    ]
    for (const name of names) {
      for (const value of strange) {
        const target = new URL(url)
        target.searchParams.set(name, value)
        const answer = await browser.visit(target)
        const what = `${name}=${value.slice(0, 20)}`
        assert.ok(answer.status < 500, `${what}: ${answer.status} ${answer.text}`)
        assert.doesNotMatch(visibleIn(answer), internals, what)
        assert.doesNotMatch(answer.text, /<script>alert/, what)
      }
      const twice = new URL(url)
      twice.searchParams.append(name, 'again')
      twice.searchParams.append(name, 'and again')
      const answer = await browser.visit(twice)
      assert.ok(answer.status < 500, `${name} twice: ${answer.status} ${answer.text}`)
    }
  })

  it('is refused, and is no fault of the server: pages that nobody has begun', async () => {
    const strange = ['nothing', '%00', '%', '..%2f..', 'x'.repeat(2_000)]
    for (const path of ['/oidc/authorize', '/oidc/device', '/oidc/register', '/oidc/logout', '/ui/authorize'])
      for (const last of [
        ...strange,
        'success?client_id=nobody',
        'success?client_id=a&client_id=b',
        'confirm',
      ]) {
        const answer = await appBrowser(server).visit(`${path}/${last}`)
        assert.ok(answer.status < 500, `${path}/${last}: ${answer.status} ${answer.text}`)
        assert.doesNotMatch(visibleIn(answer), internals, `${path}/${last}`)
      }
  })

  it('is refused, and is no fault of the server: tokens and headers that are none', async () => {
    const headers = [
      'Basic',
      'Basic !!!',
      `Basic ${Buffer.from('web').toString('base64')}`,
      `Basic ${Buffer.from('%zz:%zz').toString('base64')}`,
      `Basic ${Buffer.from('\0:\0').toString('base64')}`,
      'Bearer',
      'Bearer x y',
      `Bearer ${'x'.repeat(9_000)}`,
      'DPoP x',
      'Nothing at all',
    ]
    for (const authorization of headers) {
      for (const path of ['/oidc/token', '/oidc/introspect', '/oidc/revoke', '/oidc/par'])
        assertRefused(
          await server.request('POST', path, {
            form: { token: 'x', grant_type: 'refresh_token', refresh_token: 'x' },
            headers: { authorization },
          }),
          `${authorization.slice(0, 30)} at ${path}`,
        )
      assertRefused(
        await server.request('GET', '/oidc/userinfo', { headers: { authorization } }),
        `${authorization.slice(0, 30)} at userinfo`,
      )
      assertRefused(
        await server.request('GET', '/oidc/register/web', { headers: { authorization } }),
        'registration',
      )
    }
    for (const dpop of [
      '',
      'x',
      'a.b.c',
      `${Buffer.from('{"typ":"dpop+jwt","alg":"none"}').toString('base64url')}.e30.`,
    ])
      assertRefused(
        await post(
          server,
          server.app('web'),
          '/oidc/token',
          { grant_type: 'authorization_code', code: 'x', redirect_uri: 'https://web.example/callback' },
          { headers: { dpop } },
        ),
        `DPoP ${dpop}`,
      )
  })

  it('is refused, or kept as it is, and is no fault of the server: clients with strange metadata', async () => {
    const base = { redirect_uris: ['https://dynamic.example/callback'] }
    const strange: unknown[] = [
      '\0',
      '\ud800',
      'x'.repeat(5_000),
      '',
      null,
      1,
      {},
      [],
      ['\0'],
      ['javascript:alert(1)'],
      ['https://a.example/\ud800'],
      { a: { b: [] } },
      true,
    ]
    const names = [
      'redirect_uris',
      'client_name',
      'client_uri',
      'logo_uri',
      'contacts',
      'grant_types',
      'response_types',
      'scope',
      'jwks',
      'jwks_uri',
      'token_endpoint_auth_method',
      'id_token_signed_response_alg',
      'backchannel_logout_uri',
      'post_logout_redirect_uris',
      'default_max_age',
      'require_auth_time',
      'application_type',
      'sector_identifier_uri',
      'initiate_login_uri',
      'software_statement',
      'nothing_known',
    ]
    for (const name of names)
      for (const value of strange) {
        const answer = await server.request('POST', '/oidc/register', { json: { ...base, [name]: value } })
        const what = `${name}: ${JSON.stringify(value)?.slice(0, 30)}`
        assert.ok(answer.status < 500, `${what}: ${answer.status} ${answer.text}`)
        assert.doesNotMatch(visibleIn(answer), internals, what)
        if (answer.status !== 201) continue
        const { client_id: id } = answer.body
        const query = new URLSearchParams({
          client_id: id,
          response_type: 'code',
          scope: 'openid',
          redirect_uri: base.redirect_uris[0] ?? '',
        })
        const page = await appBrowser(server).visit(`/oidc/authorize?${query}`)
        assert.ok(page.status < 500, `${what}, at authorize: ${page.status} ${page.text}`)
      }
  })
})
