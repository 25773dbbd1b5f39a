import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { freshEmail, onEveryEngine, useServer } from '../../harness/harness.ts'
import {
  assertAccessRefused,
  assertBody,
  assertRefreshRefused,
  post,
  refresh,
  type SignedIn,
  signIn,
  signUp,
  tokensOf,
} from './door.ts'

const second = 1000
const hour = 3600 * second
const day = 24 * hour

/** The ways in which a session can be proven, and how each sends it. */
const ways = {
  body: ({ refresh }: SignedIn) => ({ body: refresh }),
  bearer: ({ refresh }: SignedIn) => ({ bearer: refresh }),
  cookie: ({ cookie }: SignedIn) => ({ cookie }),
  access: ({ access }: SignedIn) => ({ bearer: access }),
}
type Way = keyof typeof ways

onEveryEngine('minbil refresh', (engine) => {
  const server = useServer(engine)

  const email = freshEmail()
  before(() => signUp(server, email))

  const newSession = () => signIn(server, email)
  /** A session's tokens that are past repeating, and those that took their place. */
  const staleAndCurrent = async () => {
    const stale = await newSession()
    const current = tokensOf(await refresh(server, { body: stale.refresh }))
    server.clock.advance(11 * second)
    return { stale, current }
  }

  for (const [way, send] of Object.entries(ways)) {
    it(`takes the ${way}, and answers with the fields of the document in their order`, async () => {
      const session = await newSession()
      const answer = await refresh(server, send(session))
      const { access_token, refresh_token, expires_at, expires_at_unix } = answer.body
      assertBody(answer, 200, {
        message: 'Token refreshed.',
        access_token,
        refresh_token,
        expires_in: 3600,
        expires_at,
        expires_at_unix,
        token_type: 'bearer',
      })
      assert.equal(answer.headers.get('cache-control'), 'no-store')
      assert.equal(Date.parse(expires_at) / 1000, expires_at_unix)
      assert.notEqual(refresh_token, session.refresh)
      assert.notEqual(access_token, session.access)
      assert.equal((await refresh(server, { body: refresh_token })).status, 200)
    })

    it(`repeats the same successor to the ${way} within ten seconds, and then ends the session`, async () => {
      const session = await newSession()
      const next = tokensOf(await refresh(server, send(session)))
      server.clock.advance(7 * second)
      const repeated = tokensOf(await refresh(server, send(session)))
      assert.equal(repeated.refresh, next.refresh)
      assert.equal(repeated.cookie, next.cookie)

      server.clock.advance(4 * second)
      assertRefreshRefused(await refresh(server, send(session)))
      assertRefreshRefused(await refresh(server, { body: next.refresh }))
      assertAccessRefused(await post(server, '/sign-out', { bearer: next.access }))
      assertAccessRefused(await post(server, '/sign-out', { bearer: repeated.access }))
    })
  }

  it('gives one successor to many who come at once', async () => {
    const session = await newSession()
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        refresh(server, index % 2 ? { body: session.refresh } : { bearer: session.access }),
      ),
    )
    assert.equal(new Set(answers.map((answer) => tokensOf(answer).refresh)).size, 1)
  })

  const orders: [Way, Way][] = [
    ['body', 'bearer'],
    ['body', 'cookie'],
    ['bearer', 'cookie'],
    ['body', 'access'],
    ['cookie', 'access'],
  ]
  for (const [first, then] of orders) {
    it(`goes by the ${first} when the ${then} of the same session comes with it`, async () => {
      const good = await staleAndCurrent()
      const accepted = await refresh(server, { ...ways[then](good.stale), ...ways[first](good.current) })
      tokensOf(accepted)

      const bad = await staleAndCurrent()
      const sent = { ...ways[then](bad.current), ...ways[first](bad.stale) }
      assertRefreshRefused(await refresh(server, sent))
      assertRefreshRefused(await refresh(server, { body: bad.current.refresh }))
    })
  }

  it('takes all of them at once', async () => {
    const session = await newSession()
    const sent = { body: session.refresh, bearer: session.access, cookie: session.cookie }
    assert.equal((await refresh(server, sent)).status, 200)
  })

  const pairs: [Way, Way][] = [...orders, ['bearer', 'body'], ['access', 'cookie'], ['access', 'body']]
  for (const [one, other] of pairs) {
    it(`refuses the ${one} of one session with the ${other} of another, and harms neither`, async () => {
      const [mine, theirs] = [await newSession(), await newSession()]
      assertRefreshRefused(await refresh(server, { ...ways[one](mine), ...ways[other](theirs) }))
      assert.equal((await refresh(server, { body: mine.refresh })).status, 200)
      assert.equal((await refresh(server, { body: theirs.refresh })).status, 200)
    })
  }

  it('refuses nonsense beside a good token, and does not use the good one up', async () => {
    const session = await newSession()
    const { refresh: body, access: bearer, cookie } = session
    const [name] = cookie.split('=')
    for (const sent of [
      { body: 'nonsense', bearer },
      { body: 'nonsense', cookie },
      { body, bearer: 'nonsense' },
      { body, cookie: `${name}=nonsense` },
      { bearer: 'nonsense', cookie },
    ])
      assertRefreshRefused(await refresh(server, sent))
    assert.equal((await refresh(server, { body })).status, 200)
  })

  it('passes over the word null in the place of a token', async () => {
    const session = await newSession()
    assert.equal((await refresh(server, { bearer: 'null', cookie: session.cookie })).status, 200)
    assertRefreshRefused(await refresh(server, { bearer: 'null' }))
  })

  it('refuses an expired access token, which harms nothing beside a good refresh token', async () => {
    const session = await newSession()
    server.clock.advance(hour + second)
    assertRefreshRefused(await refresh(server, { bearer: session.access }))
    const sent = { bearer: session.access, cookie: session.cookie }
    const next = tokensOf(await refresh(server, sent))
    server.clock.advance(hour + second)
    const last = await refresh(server, { bearer: next.access, body: next.refresh })
    assert.equal(last.status, 200)
  })

  it('refuses an access token where a refresh token belongs', async () => {
    const session = await newSession()
    const [name] = session.cookie.split('=')
    assertRefreshRefused(await refresh(server, { body: session.access }))
    assertRefreshRefused(await refresh(server, { cookie: `${name}=${session.access}` }))
    assert.equal((await refresh(server, { body: session.refresh })).status, 200)
  })

  it('refuses forged tokens, and ends nobody’s session for them', async () => {
    const session = await newSession()
    const forgedRefresh = tampered(session.refresh)
    for (const sent of [
      {},
      { body: forgedRefresh },
      { bearer: forgedRefresh },
      { cookie: session.cookie.replace(session.refresh, forgedRefresh) },
      { bearer: tampered(session.access) },
    ])
      assertRefreshRefused(await refresh(server, sent))
    assert.equal((await refresh(server, { body: session.refresh })).status, 200)
  })

  it('stops at an absolute end that no way of refreshing moves', async () => {
    const started = server.clock.now()
    const at = (time: number) => server.clock.advance(started + time - server.clock.now())
    let session = await newSession()
    for (let days = 25; days < 365; days += 25) {
      at(days * day)
      session = tokensOf(await refresh(server, { body: session.refresh }))
    }
    at(365 * day - hour / 2)
    const nearEnd = await refresh(server, { body: session.refresh })
    assert.ok(nearEnd.body.expires_in <= 1802, `${nearEnd.body.expires_in} s is past the end`)
    at(365 * day - hour / 4)
    const last = tokensOf(await refresh(server, { bearer: nearEnd.body.access_token }))

    at(365 * day + 60 * second)
    for (const send of Object.values(ways)) assertRefreshRefused(await refresh(server, send(last)))
    assertAccessRefused(await post(server, '/sign-out', { bearer: last.access }))
  })
})

/** A token with one character in its middle changed. */
function tampered(token: string): string {
  const middle = token.length - 20
  const other = token[middle] === 'A' ? 'B' : 'A'
  return token.slice(0, middle) + other + token.slice(middle + 1)
}
