import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Answer, onEveryEngine, type RequestOptions, useServer } from '../../harness/harness.ts'
import {
  codeAt,
  confirm,
  enrol,
  nextCode,
  registerWithSecondFactor,
  register as registerWolf,
  signIn as signInWolf,
  wrongCode,
} from '../wolfpal/door.ts'
import {
  assertBody,
  assertError,
  assertRefreshRefused,
  assertRefusedWithPage,
  beginLogin,
  commandLineClient,
  loopbackUri,
  password,
  proveLogin,
  redirectUri,
  refresh,
  refreshTokenOf,
  register,
  send,
  signIn,
  whoAmI,
} from './door.ts'

const minute = 60_000
const over = /This sign-in is over/

onEveryEngine('pm2 /login', (engine) => {
  const server = useServer(engine)
  const login = (cookie: string, fields: object, options: RequestOptions = { json: fields }) =>
    send(server, 'POST', '/login', { ...options, headers: { cookie } })
  const assertWrong = (answer: Answer) => {
    assertError(answer, 401, 'invalid_grant', 'The user name or the password is not right.')
    assert.equal(answer.headers.get('x-redirect'), null)
  }
  const assertOver = (answer: Answer) => {
    assertError(answer, 401, 'invalid_grant', 'The sign-in is over. Start again.')
    assert.equal(answer.headers.get('x-redirect'), null)
  }

  it('answers with the path that finishes the login, once', async () => {
    const person = await register(server)
    const cookie = await beginLogin(server, commandLineClient, loopbackUri)
    const { username } = person
    const answer = await login(cookie, {}, { form: { username, password } })
    const path = answer.headers.get('x-redirect') ?? ''
    assert.match(path, /^\/api\/oauth\/authorize\/done\?code=[0-9a-f]{64}$/)
    assertBody(answer, 200, { msg: 'Signed in. Go on at x-redirect.' })

    const finished = await server.request('GET', path, { headers: { cookie } })
    assert.equal(finished.headers.get('cache-control'), 'no-store')
    assert.equal(finished.headers.get('referrer-policy'), 'no-referrer')
    assert.match(
      finished.headers.getSetCookie()[0] ?? '',
      /^__Host-manydoors-login-[\da-f-]{36}=; Max-Age=0; Path=\//,
    )
    const token = refreshTokenOf(finished, loopbackUri)
    const { body } = await refresh(server, token, commandLineClient)
    assert.equal((await whoAmI(server, body.access_token)).body.username, username)
    assertRefreshRefused(await refresh(server, token))

    assertRefusedWithPage(await server.request('GET', path, { headers: { cookie } }), over)
    assertOver(await login(cookie, { username, password }))
  })

  it('takes a user name or an e-mail address in either field, in any case of letters', async () => {
    const { username, email } = await register(server)
    for (const name of [username, ` ${username.toUpperCase()} `, email, ` ${email.toUpperCase()}`]) {
      for (const field of ['username', 'email']) {
        const answer = await login(await beginLogin(server), { [field]: name, password })
        assert.equal(answer.status, 200, answer.text)
      }
    }
  })

  it('refuses wrong passwords and unknown names alike, and the login goes on', async () => {
    const { username, email } = await register(server)
    const cookie = await beginLogin(server)
    for (const name of [username, email, 'nobody at all', 'nobody@example.com'])
      assertWrong(await login(cookie, { username: name, password: 'wrong-password' }))
    assertWrong(await login(cookie, { username: email, password: password.toUpperCase() }))
    assert.equal((await login(cookie, { username, password })).status, 200)
  })

  it('refuses what is missing', async () => {
    const cookie = await beginLogin(server)
    assertError(await login(cookie, { password }), 400, 'invalid_request', 'username is required.')
    assertError(await login(cookie, { username: 'x' }), 400, 'invalid_request', 'password is required.')
  })

  it('is for those alone who have come from /authorize', async () => {
    const { username } = await register(server)
    const cookie = await beginLogin(server)
    const forged = `${cookie.slice(0, -1)}${cookie.endsWith('0') ? '1' : '0'}`
    const empty = cookie.replace(/=.*/, '=')
    const old = cookie.replace(/login-[^=]*/, 'login')
    for (const wrong of ['', 'other=1', empty, old, forged, `${cookie}0`])
      assertOver(await login(wrong, { username, password }))
    // Wrong passwords are not told apart from right ones.
    assertOver(await login('', { username, password: 'wrong-password' }))
    server.clock.advance(10 * minute + 1000)
    assertOver(await login(cookie, { username, password }))
  })

  it('is for the newest login of a client that keeps more of them', async () => {
    const person = await register(server)
    const older = await beginLogin(server)
    server.clock.advance(1)
    const newer = await beginLogin(server, commandLineClient, loopbackUri)
    for (const cookie of [`${older}; ${newer}`, `${newer}; ${older}`]) {
      const path = await proveLogin(server, cookie, person)
      assertRefusedWithPage(await server.request('GET', path, { headers: { cookie: older } }), over)
    }
    const path = await proveLogin(server, `${older}; ${newer}`, person)
    const finished = await server.request('GET', path, { headers: { cookie: `${older}; ${newer}` } })
    refreshTokenOf(finished, loopbackUri)
    assert.match(finished.headers.getSetCookie().join(), new RegExp(`^${newer.split('=')[0]}=; Max-Age=0`))
    // What is left is the older one, until that is finished, too.
    const rest = await proveLogin(server, older, person)
    refreshTokenOf(await server.request('GET', rest, { headers: { cookie: older } }), redirectUri)
  })

  describe('the path that finishes a login', () => {
    it('is good for the cookie alone that it was made for', async () => {
      const person = await register(server)
      const [own, other] = [await beginLogin(server), await beginLogin(server)]
      const path = await proveLogin(server, own, person)
      await proveLogin(server, other, await register(server))
      for (const cookie of [other, await beginLogin(server), '', 'other=1'])
        assertRefusedWithPage(await server.request('GET', path, { headers: { cookie } }), over)
      assertRefusedWithPage(await server.request('GET', path), over)
      refreshTokenOf(await server.request('GET', path, { headers: { cookie: own } }), redirectUri)
    })

    it('is the newest one', async () => {
      const [first, second] = [await register(server), await register(server)]
      const cookie = await beginLogin(server)
      const older = await proveLogin(server, cookie, first)
      const newer = await proveLogin(server, cookie, second)
      assertRefusedWithPage(await server.request('GET', older, { headers: { cookie } }), over)
      const token = refreshTokenOf(await server.request('GET', newer, { headers: { cookie } }), redirectUri)
      const { body } = await refresh(server, token)
      assert.equal((await whoAmI(server, body.access_token)).body.username, second.username)
    })

    it('is taken once by all who race for it', async () => {
      const cookie = await beginLogin(server)
      const path = await proveLogin(server, cookie, await register(server))
      const racers = Array.from({ length: 5 }, () => server.request('GET', path, { headers: { cookie } }))
      const statuses = (await Promise.all(racers)).map(({ status }) => status)
      assert.deepEqual(statuses.toSorted(), [302, 400, 400, 400, 400])
    })

    it('is good for two minutes', async () => {
      const [cookie, late] = [await beginLogin(server), await beginLogin(server)]
      const person = await register(server)
      const [path, latePath] = [
        await proveLogin(server, cookie, person),
        await proveLogin(server, late, person),
      ]
      server.clock.advance(2 * minute - 5000)
      refreshTokenOf(await server.request('GET', path, { headers: { cookie } }), redirectUri)
      server.clock.advance(10_000)
      assertRefusedWithPage(await server.request('GET', latePath, { headers: { cookie: late } }), over)
    })

    it('is refused with other codes, and opens no session', async () => {
      const cookie = await beginLogin(server)
      const path = await proveLogin(server, cookie, await register(server))
      const [bare = '', code = ''] = path.split('?code=')
      for (const wrong of [
        bare,
        `${bare}?code=`,
        `${bare}?code=${code.toUpperCase()}`,
        `${path}0`,
        `${path}&code=x`,
      ])
        assertRefusedWithPage(await server.request('GET', wrong, { headers: { cookie } }), over)
      assert.equal((await server.request('HEAD', path, { headers: { cookie } })).status, 404)
      refreshTokenOf(await server.request('GET', path, { headers: { cookie } }), redirectUri)
    })
  })

  describe('with a second factor', () => {
    const needed = 'The account has a second factor: send its code, too, as otp.'

    it('says that it wants a code, and hands out nothing', async () => {
      const { username } = await registerWithSecondFactor(server)
      const cookie = await beginLogin(server)
      const answer = await login(cookie, { username, password })
      assertError(answer, 401, 'second_factor_required', needed)
      assert.equal(answer.headers.get('x-redirect'), null)
      assertWrong(await login(cookie, { username, password: 'wrong-password', otp: '123456' }))
    })

    for (const field of ['otp', 'code']) {
      it(`takes it as ${field}, once`, async () => {
        const { username, secret } = await registerWithSecondFactor(server)
        const cookie = await beginLogin(server)
        const code = nextCode(server, secret)
        const answer = await login(cookie, { username, password, [field]: code })
        assert.equal(answer.status, 200, answer.text)
        const replayed = await login(await beginLogin(server), { username, password, [field]: code })
        assertError(replayed, 401, 'invalid_grant', 'The code is not right.')
        const path = answer.headers.get('x-redirect') ?? ''
        refreshTokenOf(await server.request('GET', path, { headers: { cookie } }), redirectUri)
      })
    }

    it('takes a recovery code, once', async () => {
      const { username, backupCodes } = await registerWithSecondFactor(server)
      const [otp] = backupCodes
      assert.equal((await login(await beginLogin(server), { username, password, otp })).status, 200)
      assert.equal((await login(await beginLogin(server), { username, password, otp })).status, 401)
    })

    it('refuses wrong codes', async () => {
      const { username, secret } = await registerWithSecondFactor(server)
      const cookie = await beginLogin(server)
      for (const otp of [wrongCode(server, secret), codeAt(server, secret, 50), '0', 'x'.repeat(50)]) {
        const answer = await login(cookie, { username, password, otp })
        assertError(answer, 401, 'invalid_grant', 'The code is not right.')
        assert.equal(answer.headers.get('x-redirect'), null)
      }
    })

    it('refuses a login that was proven before there was one', async () => {
      const person = await registerWolf(server)
      const { access } = await signInWolf(server, person)
      const { secret } = await enrol(server, access)
      const cookie = await beginLogin(server)
      const path = await proveLogin(server, cookie, person)
      assert.equal((await confirm(server, access, nextCode(server, secret))).status, 200)
      assertRefusedWithPage(await server.request('GET', path, { headers: { cookie } }), over)
    })
  })

  it('opens a session that nothing of the login can be used for any more', async () => {
    const person = await register(server)
    const first = await signIn(server, person)
    const second = await signIn(server, person)
    assert.equal((await send(server, 'POST', '/revoke', { bearer: first.access })).status, 200)
    assert.equal((await whoAmI(server, second.access)).status, 200)
    assert.equal((await whoAmI(server, person.access)).status, 200)
  })
})
