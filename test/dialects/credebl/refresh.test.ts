import assert from 'node:assert/strict'
import { it } from 'node:test'
import { register } from '../../harness/doors.ts'
import { type Answer, claimsOf, onEveryEngine, useServer } from '../../harness/harness.ts'
import { assertFailure, assertSuccess, isSignedIn, post, refresh, registerAndSignIn, signIn } from './door.ts'

const message = 'Token details fetched successfully'
const hour = 3600_000

onEveryEngine('credebl refresh', (engine) => {
  const server = useServer(engine)

  const newSession = async () => signIn(server, await register(server))
  const next = async (refreshToken: string): Promise<string> => {
    const answer = await refresh(server, refreshToken)
    assert.equal(answer.status, 200, answer.text)
    return answer.body.data.refresh_token
  }
  const assertRefused = (answer: Answer) => assertFailure(answer, 401, 'Refresh token has expired')

  it('answers with the fields of the original in their order', async () => {
    const session = await newSession()
    server.clock.advance(hour)
    const answer = await refresh(server, session.refresh)
    const { access_token, refresh_token } = answer.body.data
    assertSuccess(answer, 200, message, {
      access_token,
      expires_in: 3600,
      refresh_expires_in: 86400,
      refresh_token,
      token_type: 'Bearer',
      'not-before-policy': 0,
      session_state: session.handle,
      scope: 'email profile',
      sessionId: session.handle,
    })
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    assert.notEqual(refresh_token, session.refresh)
    assert.equal(await isSignedIn(server, access_token), true)
  })

  it('puts the same claims into the new tokens', async () => {
    const { id, email, sessionId, refresh: refreshToken } = await registerAndSignIn(server)
    const { data } = (await refresh(server, refreshToken)).body
    const access = claimsOf(data.access_token)
    const { sub, sid, azp } = access
    assert.deepEqual(
      { sub, email: access.email, sid, azp },
      { sub: id, email, sid: sessionId, azp: 'credebl' },
    )
    assert.equal(access.exp - access.iat, 3600)
    const claims = claimsOf(data.refresh_token)
    assert.deepEqual({ sid: claims.sid, azp: claims.azp }, { sid: sessionId, azp: 'credebl' })
    assert.equal(claims.exp - claims.iat, 86400)
  })

  it('keeps the predecessor good until its successor has been used', async () => {
    const { refresh: first } = await newSession()
    const second = await next(first)
    server.clock.advance(2 * hour)
    assert.equal(await next(first), second)
    assert.equal(await next(first), second)
    const third = await next(second)
    assert.notEqual(third, second)
    assert.equal(await next(second), third)
  })

  it('takes the predecessor for stolen once its successor has been used, and ends the session', async () => {
    const person = await register(server)
    const [session, other] = [await signIn(server, person), await signIn(server, person)]
    const second = await next(session.refresh)
    const answer = await refresh(server, second)
    const { access_token: access, refresh_token: third } = answer.body.data
    assertRefused(await refresh(server, session.refresh))
    for (const token of [session.refresh, second, third]) assertRefused(await refresh(server, token))
    for (const token of [session.access, access]) assert.equal(await isSignedIn(server, token), false)
    assert.equal(await isSignedIn(server, other.access), true)
    await server.mail(person.email, /You were signed out/)
  })

  it('gives one successor to many who come at once', async () => {
    const { refresh: first } = await newSession()
    const tokens = await Promise.all(Array.from({ length: 8 }, () => next(first)))
    assert.equal(new Set(tokens).size, 1)
  })

  it('answers every bad token alike, and ends nobody’s session', async () => {
    const session = await newSession()
    const [header, claims, signature] = session.refresh.split('.')
    const forgedClaims = Buffer.from(JSON.stringify({ ...claimsOf(session.refresh), gen: 99 }))
    const noAlgorithm = Buffer.from('{"alg":"none","typ":"refresh+jwt"}').toString('base64url')
    for (const token of [
      'nonsense',
      'null',
      session.access,
      `${session.refresh}x`,
      `${header}.${forgedClaims.toString('base64url')}.${signature}`,
      `${noAlgorithm}.${claims}.`,
    ])
      assertRefused(await refresh(server, token))
    await next(session.refresh)
  })

  it('refuses tokens of a session that has ended or of one that was not used for a day', async () => {
    const [left, unused] = [await newSession(), await newSession()]
    await post(server, '/signout', { bearer: left.access })
    assertRefused(await refresh(server, left.refresh))
    server.clock.advance(24 * hour + 1000)
    assertRefused(await refresh(server, unused.refresh))
  })

  it('stops at an absolute end that refreshing does not move', async () => {
    let token = (await newSession()).refresh
    let hours = 0
    for (; hours < 1000; hours += 20) {
      const answer = await refresh(server, token)
      if (answer.status !== 200) break
      token = answer.body.data.refresh_token
      server.clock.advance(20 * hour)
    }
    assert.ok(hours < 1000, 'a session can be prolonged for ever')
    assertRefused(await refresh(server, token))
  })

  it('asks for a refresh token', async () => {
    const required = ['refreshToken is required.']
    for (const json of [{}, { refreshToken: null }, { refreshToken: '' }])
      assertFailure(await post(server, '/refresh-token', { json }), 400, required)
    const number = await post(server, '/refresh-token', { json: { refreshToken: 5 } })
    assertFailure(number, 400, ['refreshToken must be text.'])
    assertFailure(await post(server, '/refresh-token'), 400, required)
  })
})
