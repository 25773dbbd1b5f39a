import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import QRCode from 'qrcode'
import {
  type Answer,
  claimsOf,
  mailCausedBy,
  queryOf,
  type RequestOptions,
  useServer,
} from '../../harness/harness.ts'
import { activationToken, assertBody, assertCode, freshPerson, nextCode, uuid } from './door.ts'

type Encoding = 'json' | 'form'

const userAgent =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36'

describe('every route of wolfpal', () => {
  const server = useServer('sqlite')

  for (const base of ['', '/api']) {
    for (const encoding of ['json', 'form'] as const) {
      describe(`below ${base || 'the root'}, with its fields as ${encoding}`, () =>
        everyRoute(base, encoding))
    }
  }

  function everyRoute(base: string, encoding: Encoding): void {
    const person = freshPerson()
    const { username, email, password } = person
    const newPassword = `${password}, and a wolf`
    let access = ''
    let refresh = ''

    function send(
      method: string,
      path: string,
      body?: Record<string, string>,
      options: RequestOptions = {},
    ): Promise<Answer> {
      return server.request(method, `${base}${path}`, { ...options, ...(body && { [encoding]: body }) })
    }
    const asCaller = (method: string, path: string, body?: Record<string, string>) =>
      send(method, path, body, { bearer: access })

    async function keepTokens(answer: Answer, twoFactor?: boolean): Promise<void> {
      const { access_token, refresh_token } = answer.body
      assertBody(answer, 200, { access_token, refresh_token, twoFactor })
      assert.equal(answer.headers.get('cache-control'), 'no-store')
      access = access_token
      refresh = refresh_token
      const { sub, iat, exp } = claimsOf(access)
      const refreshClaims = claimsOf(refresh)
      assert.deepEqual([exp - iat, refreshClaims.exp - refreshClaims.iat], [1800, 86400])
      assert.deepEqual([refreshClaims.sub, refreshClaims.iat], [sub, iat])
      assert.match(sub, uuid)
    }
    const login = (password: string) => send('POST', '/auth/login', { email, password })

    it('POST /auth/register', async () => {
      const answer = await send('POST', '/auth/register', { username, email, password })
      const text = 'Please confirm your email address to complete the registration.'
      assertCode(answer, 201, 'PENDING_CONFIRMATION', text)
    })

    it('POST /auth/login, before the address is confirmed', async () => {
      const text =
        'Your account must be activated before you can do that. Please check your email you signed up with.'
      assertCode(await login(password), 400, 'PENDING_CONFIRMATION', text)
    })

    it('POST /user/activate-account/resend', async () => {
      const first = await activationToken(server, email)
      const { links } = await mailCausedBy(server, { to: email, subject: /^Confirm/ }, async () => {
        const message = 'Please check your email address to complete the registration.'
        const answer = await send('POST', '/user/activate-account/resend', { email })
        assertBody(answer, 200, { code: 'PENDING_CONFIRMATION', message })
      })
      assert.match(links[0] ?? '', /^http:\/\/localhost:5000\/ui\/verify-email\?token=[\da-f]{64}$/)
      assert.notEqual(queryOf(links[0], 'token'), first)
    })

    it('PUT /user/activate-account/:token', async () => {
      const token = await activationToken(server, email)
      const message = 'Good job! Your account is now activated and you can start using WolfPal.'
      assertBody(await send('PUT', `/user/activate-account/${token}`), 200, { code: 'ACTIVATED', message })
    })

    it('POST /auth/login', async () => {
      const headers = { 'user-agent': userAgent }
      await keepTokens(await send('POST', '/auth/login', { email, password }, { headers }), false)
    })

    it('GET /account', async () => {
      const answer = await asCaller('GET', '/account')
      const { createdAt, updatedAt } = answer.body.user
      const user = {
        _id: claimsOf(access).sub,
        username,
        email,
        twoFactor: false,
        emailVerified: true,
        isBanned: false,
        role: 'user',
        slug: username,
        createdAt,
        updatedAt,
      }
      assertBody(answer, 200, { user })
      for (const time of [createdAt, updatedAt]) assert.equal(new Date(time).toISOString(), time)
      assert.ok(createdAt < updatedAt, 'the account changed when it was activated')
    })

    it('POST /auth/refresh', async () => {
      const before = { access, refresh }
      await keepTokens(await send('POST', '/auth/refresh', { refresh_token: refresh }))
      assert.notEqual(access, before.access)
      assert.notEqual(refresh, before.refresh)
    })

    it('GET /sessions', async () => {
      const answer = await asCaller('GET', '/sessions')
      const [{ _id, accessTokenHash, expireAt, createdAt }] = answer.body.sessions
      assert.match(accessTokenHash, /^[\da-f]{128}$/)
      const browser = { browser: 'Chrome', version: '120.0.0.0', platform: 'desktop', os: 'Windows NT 10.0' }
      const device = { ...browser, isDev: false }
      const session = { _id, accessTokenHash, device, location: 'unknown', expireAt, createdAt }
      assertBody(answer, 200, { sessions: [session], total: 1 })
      assert.equal(_id, claimsOf(access).sid)
      assert.equal(Math.floor(Date.parse(expireAt) / 1000), claimsOf(refresh).exp)
      assert.equal(new Date(createdAt).toISOString(), createdAt)
    })

    it('DELETE /sessions/:id', async () => {
      const other = (await login(password)).body.access_token
      const answer = await asCaller('DELETE', `/sessions/${claimsOf(other).sid}`)
      assertCode(answer, 200, 'SESSION_REVOKED', 'Session has been revoked.')
      assert.equal((await send('GET', '/account', undefined, { bearer: other })).status, 401)
      assert.equal((await asCaller('GET', '/account')).status, 200)
    })

    describe('with a second factor', () => {
      let secret = ''
      let backupCodes: string[] = []

      it('POST /account/two-factor', async () => {
        const answer = await asCaller('POST', '/account/two-factor')
        const { qrCode } = answer.body
        ;({ secret, backupCodes } = answer.body)
        assertBody(answer, 200, {
          code: 'PENDING_VERIFICATION',
          error: 'Two Factor is pending verification.',
          qrCode,
          secret,
          backupCodes,
          qrcode: qrCode,
          twoFactorSecret: secret,
        })
        assert.match(secret, /^[A-Z2-7]{32}$/)
        assert.equal(new Set(backupCodes).size, 10)
        for (const code of backupCodes) assert.match(code, /^[a-z2-9]{12}$/)
        assert.match(qrCode, /^data:image\/png;base64,/)
        const parameters = `issuer=WolfPal&secret=${secret}&algorithm=SHA1&digits=6&period=30`
        assert.equal(qrCode, await QRCode.toDataURL(`otpauth://totp/WolfPal:${username}?${parameters}`))
      })

      it('PUT /account/two-factor', async () => {
        const answer = await asCaller('PUT', '/account/two-factor', { code: nextCode(server, secret) })
        assertBody(answer, 200, { code: 'TWO_FACTOR_ENABLED', message: 'Two factor has been enabled.' })
        assert.equal((await asCaller('GET', '/account')).body.user.twoFactor, true)
      })

      it('POST /auth/login, which asks for it', async () => {
        const answer = await login(password)
        const { token } = answer.body
        assertBody(answer, 200, {
          code: 'TWO_FACTOR_REQUIRED',
          error: 'Two Factor is required to complete login.',
          token,
          twoFactor: true,
        })
        assert.match(token, /^[0-9A-Za-z]{64}$/)
      })

      it('POST /auth/two-factor', async () => {
        const { token } = (await login(password)).body
        await keepTokens(
          await send('POST', '/auth/two-factor', { token, code: nextCode(server, secret) }),
          true,
        )
      })

      it('POST /auth/two-factor, with the names of the document’s table and a recovery code', async () => {
        const { token } = (await login(password)).body
        const body = { Token: token, Code: backupCodes[3] ?? '' }
        await keepTokens(await send('POST', '/auth/two-factor', body), true)
      })

      it('DELETE /account/two-factor', async () => {
        const answer = await asCaller('DELETE', `/account/two-factor?code=${nextCode(server, secret)}`)
        assertBody(answer, 200, { code: 'TWO_FACTOR_DISABLED', message: 'Two factor has been disabled.' })
        assert.equal((await asCaller('GET', '/account')).body.user.twoFactor, false)
        await keepTokens(await login(password), false)
      })
    })

    it('PUT /account/change-password', async () => {
      const body = { oldPassword: password, newPassword }
      const answer = await asCaller('PUT', '/account/change-password', body)
      assertBody(answer, 200, { code: 'PASSWORD_CHANGED', message: 'Your password has been changed.' })
      assert.equal((await asCaller('GET', '/account')).status, 401)
      assert.equal((await login(password)).status, 400)
      await keepTokens(await login(newPassword), false)
    })

    for (const field of ['confirmPassword', 'comfirmPassword']) {
      const password = `a password set with ${field}`

      it(`POST /user/forgot-password and /user/reset-password/:token, with ${field}`, async () => {
        const { links } = await mailCausedBy(
          server,
          { to: email, subject: /^Set a new password/ },
          async () => {
            const answer = await send('POST', '/user/forgot-password', { email })
            const instructions = 'with further instructions on how to reset your password'
            const text = `An Email has been sent to ${email} ${instructions}. Please check your email account.`
            assertCode(answer, 200, 'PENDING_CONFIRMATION', text)
          },
        )
        assert.match(links[0] ?? '', /^http:\/\/localhost:5000\/ui\/reset-password\?token=[\da-f]{64}$/)
        const path = `/user/reset-password/${queryOf(links[0], 'token')}`
        const answer = await send('POST', path, { password, [field]: password })
        const text = 'Your password has been updated. Please try logging in with your new password.'
        assertCode(answer, 200, 'UPDATED', text)
        assert.equal((await asCaller('GET', '/account')).status, 401)
        await keepTokens(await login(password), false)
      })
    }

    it('POST /auth/logout', async () => {
      const answer = await asCaller('POST', '/auth/logout')
      assertCode(answer, 200, 'LOGGED_OUT', 'You are now logged out.')
      assert.equal((await asCaller('GET', '/account')).status, 401)
      assert.equal((await send('POST', '/auth/refresh', { refresh_token: refresh })).status, 401)
    })

    it('DELETE /sessions', async () => {
      const password = 'a password set with comfirmPassword'
      const other = (await login(password)).body.access_token
      await keepTokens(await login(password), false)
      const answer = await asCaller('DELETE', '/sessions')
      assertCode(answer, 200, 'ALL_SESSIONS_REVOKED', 'All Sessions has been revoked.')
      for (const bearer of [access, other])
        assert.equal((await send('GET', '/account', undefined, { bearer })).status, 401)
    })
  }
})
