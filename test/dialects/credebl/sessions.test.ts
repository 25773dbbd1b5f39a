import assert from 'node:assert/strict'
import { it } from 'node:test'
import { register } from '../../harness/doors.ts'
import { onEveryEngine, useServer } from '../../harness/harness.ts'
import {
  assertFailure,
  assertSuccess,
  deleteSession,
  isSignedIn,
  listSessions,
  post,
  registerAndSignIn,
  signIn,
  unknownId,
} from './door.ts'

const fetched = 'User Sessions fetched Successfully'
const signedOut = 'User logout successfully'
const notTheirs = 'You are not allowed to access sessions of another user'
const chrome =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'

onEveryEngine('credebl sessions', (engine) => {
  const server = useServer(engine)

  const idsOf = async (userId: string, bearer: string): Promise<string[]> => {
    const answer = await listSessions(server, userId, bearer)
    assert.equal(answer.status, 200, answer.text)
    return answer.body.data.map((session: { id: string }) => session.id)
  }
  const signOut = (bearer: string | undefined, sessions?: unknown) =>
    post(server, '/signout', { bearer, ...(sessions !== undefined && { json: { sessions } }) })

  it('lists a session with the fields of the original in their order', async () => {
    const person = await register(server)
    const before = server.clock.now()
    const { access, sessionId } = await signIn(server, person, { 'user-agent': chrome })
    const userId = (await server.request('GET', '/users/profile', { bearer: access })).body.data.id
    const answer = await listSessions(server, userId, access)
    const [{ expiresAt, createdAt, clientInfo }] = answer.body.data
    const session = {
      id: sessionId,
      userId,
      expiresAt,
      createdAt,
      clientInfo,
      sessionType: 'user-session',
    }
    assertSuccess(answer, 200, fetched, [session])
    assert.equal(new Date(createdAt).toISOString(), createdAt)
    assert.equal(new Date(expiresAt).toISOString(), expiresAt)
    assert.ok(Date.parse(createdAt) >= before && Date.parse(createdAt) <= server.clock.now())
    assert.ok(Date.parse(expiresAt) > server.clock.now())

    assert.equal(typeof clientInfo, 'string')
    const { browser, os, deviceType, rawDetail, ip, ...others } = JSON.parse(clientInfo)
    assert.match(browser, /Chrome/)
    assert.match(os, /Linux/)
    assert.equal(deviceType, 'desktop')
    assert.equal(rawDetail, chrome)
    assert.equal(ip, '127.0.0.1')
    assert.deepEqual(others, {})
  })

  it('lists what a client calls itself as it was meant, and without what steers a terminal', async () => {
    const { id, email, password } = await registerAndSignIn(server)
    const names: [sent: Buffer, listed: string][] = [
      [Buffer.from('Käse 🧀'), 'Käse 🧀'],
      [Buffer.from('Käse', 'latin1'), 'K\ufffdse'],
      [Buffer.from('a\u009b2Jb\tc'), 'a 2Jb c'],
    ]
    for (const [sent, listed] of names) {
      const { access } = await signIn(server, { email, password }, { 'user-agent': sent.toString('latin1') })
      const [newest] = (await listSessions(server, id, access)).body.data
      assert.equal(JSON.parse(newest.clientInfo).rawDetail, listed)
    }
  })

  it('lists what is active and one’s own, and nothing else', async () => {
    const { id, email, password, access, sessionId } = await registerAndSignIn(server)
    const person = { email, password }
    const [second, third] = [await signIn(server, person), await signIn(server, person)]
    await server.request('POST', '/api/co/auth/sign-in', { json: person })
    await registerAndSignIn(server)
    await signOut(second.access)
    assert.deepEqual(new Set(await idsOf(id, access)), new Set([sessionId, third.sessionId]))
    assert.deepEqual(new Set(await idsOf(id.toUpperCase(), access)), new Set([sessionId, third.sessionId]))

    server.clock.advance(86_401_000)
    const fresh = await signIn(server, person)
    assert.deepEqual(await idsOf(id, fresh.access), [fresh.sessionId])
  })

  it('refuses to list another’s sessions', async () => {
    const [mine, theirs] = [await registerAndSignIn(server), await registerAndSignIn(server)]
    assertFailure(await listSessions(server, theirs.id, mine.access), 403, notTheirs)
    assertFailure(await listSessions(server, unknownId, mine.access), 403, notTheirs)
    for (const id of ['nonsense', `${mine.id}0`, '5', mine.id.replaceAll('-', '')])
      assertFailure(await listSessions(server, id, mine.access), 400, 'Invalid user ID')
  })

  it('refuses to list or delete for one who is not signed in', async () => {
    const { id, sessionId, access, refresh } = await registerAndSignIn(server)
    for (const bearer of [undefined, 'null', 'nonsense', refresh]) {
      assertFailure(await listSessions(server, id, bearer), 401, 'Unauthorized')
      assertFailure(await deleteSession(server, sessionId, bearer), 401, 'Unauthorized')
    }
    assert.equal(await isSignedIn(server, access), true)
  })

  it('deletes one session, whose tokens are refused at once', async () => {
    const { id, email, password, access, sessionId } = await registerAndSignIn(server)
    const other = await signIn(server, { email, password })
    const answer = await deleteSession(server, other.sessionId, access)
    assertSuccess(answer, 200, 'Session deleted successfully')
    assert.equal(await isSignedIn(server, other.access), false)
    const refreshed = await post(server, '/refresh-token', { json: { refreshToken: other.refresh } })
    assertFailure(refreshed, 401, 'Refresh token has expired')
    assert.deepEqual(await idsOf(id, access), [sessionId])

    assertFailure(await deleteSession(server, other.sessionId, access), 404, 'Session not found')
    assertSuccess(
      await deleteSession(server, sessionId.toUpperCase(), access),
      200,
      'Session deleted successfully',
    )
    assert.equal(await isSignedIn(server, access), false)
  })

  it('refuses to delete another’s session, and what is none', async () => {
    const [mine, theirs] = [await registerAndSignIn(server), await registerAndSignIn(server)]
    const foreign = await deleteSession(server, theirs.sessionId, mine.access)
    assertFailure(foreign, 403, 'You are not allowed to delete sessions of another user')
    assert.equal(await isSignedIn(server, theirs.access), true)
    assertFailure(await deleteSession(server, unknownId, mine.access), 404, 'Session not found')
    assertFailure(await deleteSession(server, mine.id, mine.access), 404, 'Session not found')
    for (const id of ['nonsense', `${mine.sessionId}0`, '5'])
      assertFailure(await deleteSession(server, id, mine.access), 400, 'Invalid session ID')
  })

  it('signs out of the current session when no list is sent, or one that names none', async () => {
    const { email, password } = await register(server)
    const stays = await signIn(server, { email, password })
    const empty = [
      undefined,
      [],
      null,
      'undefined',
      'null',
      '',
      [null],
      [''],
      ['undefined'],
      ['null', null, ''],
      ['nonsense', 'a\0'],
    ]
    for (const sessions of empty) {
      const leaves = await signIn(server, { email, password })
      assertSuccess(await signOut(leaves.access, sessions), 200, signedOut)
      assert.equal(await isSignedIn(server, leaves.access), false)
      const refreshed = await post(server, '/refresh-token', { json: { refreshToken: leaves.refresh } })
      assertFailure(refreshed, 401, 'Refresh token has expired')
    }
    assert.equal(await isSignedIn(server, stays.access), true)
  })

  it('signs out of the listed sessions alone, and passes over those that are not the caller’s', async () => {
    const theirs = await registerAndSignIn(server)
    const { email, password, access } = await registerAndSignIn(server)
    const [listed, unlisted] = [
      await signIn(server, { email, password }),
      await signIn(server, { email, password }),
    ]
    const ids = [theirs.sessionId, unknownId, 'nonsense', 'a\0', listed.sessionId, listed.sessionId]
    assertSuccess(await signOut(access, ids), 200, signedOut)
    assert.equal(await isSignedIn(server, listed.access), false)
    for (const bearer of [access, unlisted.access, theirs.access])
      assert.equal(await isSignedIn(server, bearer), true)

    assertSuccess(await signOut(access, [theirs.sessionId, unknownId]), 200, signedOut)
    assert.equal(await isSignedIn(server, access), true)
    assert.equal(await isSignedIn(server, theirs.access), true)
  })

  it('refuses to sign out one who is not signed in, or a list that is none', async () => {
    const { access, sessionId } = await registerAndSignIn(server)
    for (const bearer of [undefined, 'null', 'nonsense'])
      assertFailure(await signOut(bearer, [sessionId]), 401, 'Unauthorized')
    for (const sessions of ['nonsense', [5], { 0: sessionId }])
      assertFailure(await signOut(access, sessions), 400, ['sessions should be a list of ids'])
    assert.equal(await isSignedIn(server, access), true)
  })

  it('keeps ten sessions an account, and ends the oldest when an eleventh begins', async () => {
    const { id, email, password, ...first } = await registerAndSignIn(server)
    const bystander = await registerAndSignIn(server)
    const elsewhere = await server.request('POST', '/api/co/auth/sign-in', { json: { email, password } })
    const others = []
    for (let count = 2; count <= 10; count++) {
      server.clock.advance(1000)
      others.push(await signIn(server, { email, password }))
    }
    assert.equal((await idsOf(id, first.access)).length, 10)
    server.clock.advance(1000)
    const eleventh = await signIn(server, { email, password })
    assert.equal(await isSignedIn(server, first.access), false)
    const refreshed = await post(server, '/refresh-token', { json: { refreshToken: first.refresh } })
    assertFailure(refreshed, 401, 'Refresh token has expired')
    const kept = [...others, eleventh].map((session) => session.sessionId)
    assert.deepEqual(new Set(await idsOf(id, eleventh.access)), new Set(kept))

    assert.equal(await isSignedIn(server, bystander.access), true)
    const out = await server.request('POST', '/api/co/auth/sign-out', { bearer: elsewhere.body.access_token })
    assert.equal(out.status, 200, 'a session of another door is not counted')
  })
})
