import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { useServer } from '../../harness/harness.ts'
import { sampleKey } from '../../harness/master-keys.ts'
import {
  assertRefusedWithPage,
  authorizePath,
  beginLogin,
  commandLineClient,
  defaultClient,
  loopbackUri,
  proveLogin,
  redirectUri,
  refresh,
  refreshTokenOf,
  register,
  uuid,
} from './door.ts'

const unregistered = /not known, or wants you back at an address that it has not registered/

describe('pm2 /authorize', () => {
  const server = useServer('sqlite')

  it('begins a login, held by a cookie that nothing but this server gets', async () => {
    const answer = await server.request('GET', authorizePath())
    const [, id = ''] = /^\/ui\/l\/([^/]+)\/sign-in$/.exec(answer.headers.get('location') ?? '') ?? []
    assert.deepEqual([answer.status, uuid.test(id)], [302, true])
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    const [cookie] = answer.headers.getSetCookie()
    const attributes = 'Max-Age=600; Path=/; HttpOnly; Secure; SameSite=Lax'
    assert.match(cookie ?? '', new RegExp(`^__Host-manydoors-login-${id}=[0-9a-f]{64}; ${attributes}$`))
    assert.notEqual(answer.cookies[0], await beginLogin(server))
  })

  describe('goes back', () => {
    const person = () => register(server)
    const cases: { client?: string; asked?: string; query?: string; to: string }[] = [
      { to: redirectUri },
      { asked: redirectUri, to: redirectUri },
      { asked: `${redirectUri}/`, to: `${redirectUri}/` },
      { asked: `${redirectUri}/?a=1&access_token=x#/b?c`, to: `${redirectUri}/` },
      // As browsers of `@pm2/js-api` send it: not encoded.
      { query: `redirect_uri=${redirectUri}/?tab=1&access_token=y`, to: `${redirectUri}/` },
      { query: 'redirect_uri=', to: redirectUri },
      { client: commandLineClient, to: loopbackUri },
      { client: commandLineClient, asked: 'http://localhost:51234', to: 'http://localhost:51234' },
      { client: commandLineClient, asked: 'http://localhost:51234/?x', to: 'http://localhost:51234/' },
      { client: commandLineClient, asked: 'http://localhost', to: 'http://localhost' },
      { client: commandLineClient, asked: 'http://127.0.0.1:51234', to: 'http://127.0.0.1:51234' },
      { client: commandLineClient, asked: 'http://[::1]:51234', to: 'http://[::1]:51234' },
    ]
    for (const { client = defaultClient, asked, query, to } of cases) {
      it(`to ${to} when ${client} asks for ${asked ?? query ?? 'nothing'}`, async () => {
        const path = query === undefined ? authorizePath(client, asked) : `${authorizePath(client)}&${query}`
        const begun = await server.request('GET', path)
        assert.equal(begun.status, 302, begun.text)
        const headers = { cookie: begun.cookies[0] ?? '' }
        const finished = await proveLogin(server, headers.cookie, await person())
        const token = refreshTokenOf(await server.request('GET', finished, { headers }), to)
        assert.equal((await refresh(server, token, client)).status, 200)
      })
    }
  })

  it('sends nobody to an address that is not registered', async () => {
    const foreign = [
      'https://evil.example',
      'https://evil.example/#https://app.keymetrics.io',
      'https://app.keymetrics.io.evil.example',
      'https://app.keymetrics.io@evil.example',
      'https://evil.example\\@app.keymetrics.io',
      'https://app.keymetrics.io:8443',
      'https://app.keymetrics.io//',
      'https://app.keymetrics.io/x',
      'https://app.keymetrics.io/..',
      'https://app.keymetrics.io/→',
      'https://APP.keymetrics.io',
      'http://app.keymetrics.io',
      '//app.keymetrics.io',
      '//evil.example',
      '/ui/sign-in',
      'app.keymetrics.io',
      ' https://app.keymetrics.io',
      'https://app.keymetrics.io\t',
      'https://app.keymetrics.io\r\nLocation: https://evil.example',
      'https://app.keymetrics.io%00',
      '?https://app.keymetrics.io',
      'javascript:alert(1)',
      'data:text/html,x',
      'http://localhost:3001',
      'http://127.0.0.1:3000',
      loopbackUri,
      'null',
    ]
    for (const uri of foreign)
      assertRefusedWithPage(await server.request('GET', authorizePath(defaultClient, uri)), unregistered)
    const foreignToTheCommandLine = [
      redirectUri,
      'http://127.0.0.1:43532/',
      'http://127.0.0.2:43532',
      'http://[::1]:43532/',
      'http://[::]:43532',
      'http://localhost.evil.example:43532',
      'http://localhost:43532@evil.example',
      'http://localhost:99999',
      'http://localhost:',
      'http://localhost:43532/x',
      'http://localhost:43532/→',
      'http://localhost:４３',
      'https://localhost:43532',
      'http://localhost:1\\evil.example',
    ]
    for (const uri of foreignToTheCommandLine)
      assertRefusedWithPage(await server.request('GET', authorizePath(commandLineClient, uri)), unregistered)
  })

  it('sends nobody anywhere for a client that is not known, or asks for what there is not', async () => {
    for (const client of ['nobody', ' ', 'minbil', '__proto__'])
      assertRefusedWithPage(await server.request('GET', authorizePath(client, redirectUri)), unregistered)
    const wrong = [
      '',
      '?client_id=',
      `?client_id=${defaultClient}&client_id=${commandLineClient}`,
      `?client_id=${defaultClient}&redirect_uri=${redirectUri}&redirect_uri=https://evil.example`,
      `?client_id=${defaultClient}&response_type=code`,
      `?client_id=${defaultClient}&response_mode=fragment`,
      `?client_id[]=${defaultClient}`,
      '?%',
    ]
    for (const query of wrong)
      assertRefusedWithPage(await server.request('GET', `/api/oauth/authorize${query}`), /could not be read/)
  })

  it('speaks the language of the browser when it refuses', async () => {
    const headers = { 'accept-language': 'nb-NO,nb;q=0.9,en;q=0.5' }
    const answer = await server.request('GET', authorizePath('nobody'), { headers })
    assertRefusedWithPage(answer, /Appen som sendte deg hit, er ikke kjent/)
    assert.match(answer.text, /<html lang="nb">/)
  })
})

describe('pm2 /authorize in production', () => {
  const server = useServer('sqlite', {
    env: { NODE_ENV: 'production', MANYDOORS_SECRET: sampleKey(7).toString('base64') },
  })

  it('knows none of the clients of the demonstration, and sends nobody anywhere', async () => {
    for (const uri of [undefined, redirectUri, 'http://localhost:3000'])
      assertRefusedWithPage(await server.request('GET', authorizePath(defaultClient, uri)), unregistered)
    assertRefusedWithPage(await server.request('GET', authorizePath(commandLineClient)), unregistered)
  })
})
