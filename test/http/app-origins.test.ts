import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { password, post, register, resetByMail } from '../dialects/vastly/door.ts'
import { freshEmail, mailCausedBy, queryOf, useServer } from '../harness/harness.ts'
import { assertPage, open } from '../pages/page.ts'

const app = { id: 'the-app', origin: 'capacitor://localhost' }
const appWithFrontEnd = { id: 'other-app', origin: 'tauri://localhost' }

describe('an app in a WebView', () => {
  const server = useServer('sqlite', {
    yaml: `
realms:
  main:
    dialects:
      minbil: { clients: [{ redirectUris: ['myapp://reset'] }] }
      credebl:
      pm2: { clients: [{ redirectUris: ['exp://192.168.1.5:8081/--/reset'] }] }
      vastly:
        clients:
          - { id: the-app, origins: ['capacitor://localhost'] }
          - { id: other-app, origins: ['tauri://localhost'], frontEndUrl: https://app.example.com }
`,
  })

  it('calls vastly from its own origin: preflight, request and refusal', async () => {
    const { origin } = app
    const preflight = await server.request('OPTIONS', '/api/v1/auth/register', {
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'client_id, content-type',
      },
    })
    assert.equal(preflight.status, 204)
    assert.equal(preflight.headers.get('access-control-allow-headers'), 'client_id, content-type')
    const email = freshEmail()
    const json = { email, password, passwordConfirm: password }
    const registered = await post(server, '/register', { json }, app)
    assert.equal(registered.status, 201, registered.text)
    const refused = await post(server, '/login', { json: { email, password: 'wrong-password' } }, app)
    assert.equal(refused.status, 401)
    for (const { headers } of [preflight, registered, refused]) {
      assert.equal(headers.get('access-control-allow-origin'), origin)
      assert.equal(headers.get('access-control-allow-credentials'), 'true')
    }
  })

  it('is told apart from a similar origin, and from a page without one', async () => {
    const strangers = [
      'null',
      'file://',
      'capacitor://localhost/',
      'capacitor://localhost:80',
      'capacitor://evil.localhost',
      'CAPACITOR://localhost',
      'ionic://localhost',
      'http://localhost',
      appWithFrontEnd.origin,
    ]
    for (const origin of strangers) {
      const refused = await post(server, '/login', { json: {} }, { ...app, origin })
      assert.deepEqual([refused.status, refused.body.message], [403, 'Origin not allowed'], origin)
      if (origin !== appWithFrontEnd.origin)
        assert.equal(refused.headers.get('access-control-allow-origin'), null, origin)
    }
  })

  it('has mails lead to the hosted page or to its front end, as no link can lead into it', async () => {
    for (const [from, page] of [
      [app, 'http://localhost:5000/ui/reset-password'],
      [appWithFrontEnd, 'https://app.example.com/resetpass'],
    ] as const) {
      const email = freshEmail()
      await register(server, { email }, from)
      const { links } = await mailCausedBy(server, { to: email, subject: /new password/ }, () =>
        post(server, '/forgotpass', { json: { email } }, from),
      )
      const token = queryOf(links[0], 'token')
      assert.deepEqual(links, [`${page}?token=${token}`])
      if (from === app) assertPage(await open(server, links[0] ?? ''), 200)
      assert.equal((await resetByMail(server, { token }, from)).status, 200)
    }
  })

  it('may be the exact target of minbil’s reset mail and pm2’s sign-in', async () => {
    const email = freshEmail()
    const forgot = (redirect_to: string) =>
      server.request('POST', '/api/co/auth/forgot-password', { json: { email, redirect_to } })
    await server.request('POST', '/api/co/auth/sign-up', { json: { email, password } })
    const mail = await mailCausedBy(server, { to: email, subject: /new password/ }, () =>
      forgot('myapp://reset'),
    )
    assert.match(mail.text, /^myapp:\/\/reset\?token=[\da-f]{64}$/m)
    assert.match(mail.html, /href="myapp:\/\/reset\?token=[\da-f]{64}"/)
    for (const redirect of ['myapp://reset/', 'MYAPP://reset', 'myapp://other', 'javascript:alert(1)'])
      assert.equal((await forgot(redirect)).body.code, 'invalid_redirect', redirect)

    const redirect_uri = 'exp://192.168.1.5:8081/--/reset'
    const query = new URLSearchParams({ client_id: '795984050', redirect_uri, response_type: 'token' })
    const begun = await server.request('GET', `/api/oauth/authorize?${query}`)
    assert.equal(begun.status, 302)
    const cookie = begun.cookies[0] ?? ''
    const page = await server.request('GET', begun.headers.get('location') ?? '', { headers: { cookie } })
    assertPage(page, 200, 'exp:')
    const typed = { username: email, password }
    const proven = await server.request('POST', '/api/oauth/login', { json: typed, headers: { cookie } })
    const done = await server.request('GET', proven.headers.get('x-redirect') ?? '', { headers: { cookie } })
    assert.match(done.headers.get('location') ?? '', /^exp:\/\/192\.168\.1\.5:8081\/--\/reset\?access_token=/)
  })
})
