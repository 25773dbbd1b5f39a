import assert from 'node:assert/strict'
import { createPublicKey, type JsonWebKey, verify } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { jsonOf } from '../../harness/command.ts'
import { rowsOnce, select } from '../../harness/database.ts'
import { minbil, type Person, type Tokens } from '../../harness/doors.ts'
import {
  claimsOf,
  freshEmail,
  noPostgres,
  startTestServer,
  type TestServer,
  useTwoServers,
} from '../../harness/harness.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

interface PublishedKey extends JsonWebKey {
  kid: string
}

/** Those that sign access tokens. */
async function publishedKeys(server: TestServer): Promise<PublishedKey[]> {
  const { keys } = (await server.request('GET', '/.well-known/jwks.json')).body
  return keys.filter(({ alg }: JsonWebKey) => alg === 'ES256')
}

async function publishedIds(server: TestServer): Promise<string[]> {
  return (await publishedKeys(server)).map(({ kid }) => kid)
}

function keyIdOf(token: string): string {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid
}

/** What a resource server does that has read the keys (RFC 7515 §5.2): whether one of them has signed the token. */
function isSignedByOneOf(keys: PublishedKey[], token: string): boolean {
  const [header, claims, signature = ''] = token.split('.')
  const key = keys.find(({ kid }) => kid === keyIdOf(token))
  if (!key) return false
  return verify(
    'sha256',
    Buffer.from(`${header}.${claims}`),
    { key: createPublicKey({ key: { ...key }, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
}

/** Whether the access token is good for signing out, which ends its session. */
async function isAccepted(server: TestServer, access: string): Promise<boolean> {
  const answer = await server.request('POST', '/api/co/auth/sign-out', { bearer: access })
  assert.ok(answer.status === 200 || answer.status === 401, answer.text)
  return answer.status === 200
}

/** Somebody who can sign in, for which minbil waits for no mail: that may be sent by any of the servers. */
async function register(server: TestServer): Promise<Person> {
  const person = { email: freshEmail(), password: '12345678' }
  const answer = await server.request('POST', '/api/co/auth/sign-up', { json: person })
  assert.equal(answer.status, 201, answer.text)
  return person
}

async function signIn(server: TestServer, person: Person): Promise<Tokens> {
  return minbil.tokensOf(await minbil.signIn(server, person))
}

async function refresh(server: TestServer, { refresh }: Tokens): Promise<Tokens> {
  return minbil.tokensOf(await minbil.refresh(server, refresh))
}

async function rotate(server: TestServer, ...options: string[]): Promise<string> {
  const [{ rotated }] = await jsonOf(server, ['keys', 'rotate', ...options])
  return rotated[0].key
}

describe('signing keys on two servers with one postgres', { skip: noPostgres }, () => {
  const { first, second } = useTwoServers()
  const maintain = async () => {
    for (const server of [first, second]) await server.maintain()
  }

  it('are the same two: one that signs, and the next', async () => {
    const [keys, others] = await Promise.all([publishedIds(first), publishedIds(second)])
    assert.equal(keys.length, 2)
    assert.deepEqual(keys, others)
    const person = await register(first)
    for (const server of [first, second]) {
      const { access } = await signIn(server, person)
      assert.equal(keyIdOf(access), keys[0])
      assert.equal(isSignedByOneOf(await publishedKeys(second), access), true)
    }
    for (const key of await publishedKeys(first)) assert.equal(key.d, undefined)
  })

  it('rotate on one, and tokens of either are valid at the other at once', async () => {
    const person = await register(first)
    const [current = '', next = ''] = await publishedIds(first)
    const readEarlier = await publishedKeys(second)
    first.clock.advance(91 * day)
    const before = await signIn(second, person)

    await first.maintain()
    const fresh = await signIn(first, person)
    assert.equal(keyIdOf(fresh.access), next)
    // The second may sign as before until it has read of it, and knows the next key all the same.
    const late = await signIn(second, person)
    assert.equal(isSignedByOneOf(readEarlier, fresh.access), true)
    assert.equal(isSignedByOneOf(await publishedKeys(first), late.access), true)
    assert.equal(await isAccepted(second, fresh.access), true)
    assert.equal(await isAccepted(first, late.access), true)
    assert.equal(await isAccepted(first, before.access), true)

    await second.maintain()
    assert.equal(keyIdOf((await signIn(second, person)).access), next)
    const published = await publishedIds(first)
    assert.deepEqual(published.slice(0, 2), [current, next])
    assert.equal(published.length, 3)
    assert.deepEqual(await publishedIds(second), published)
  })

  it('retire the old one when all its tokens have expired, and erase its private half', async () => {
    const person = await register(first)
    const [previous = '', current = '', next = ''] = await publishedIds(first)
    const { access } = await signIn(first, person)
    assert.equal(keyIdOf(access), current)
    first.clock.advance(hour + 10 * minute)
    await maintain()
    assert.deepEqual(await publishedIds(first), [previous, current, next])

    first.clock.advance(10 * minute)
    await maintain()
    for (const server of [first, second]) assert.deepEqual(await publishedIds(server), [current, next])
    const rows = await select(
      first.env.DATABASE_URL ?? '',
      `select private_sealed, retired_at from signing_keys where id = '${previous}'`,
    )
    assert.deepEqual(
      rows.map((row) => [row.private_sealed, Number(row.retired_at) > 0]),
      [['', true]],
    )
  })

  it('rotate once, however many nodes try', async () => {
    const before = await publishedIds(first)
    first.clock.advance(91 * day)
    await Promise.all(Array.from({ length: 8 }, (_, index) => (index % 2 ? first : second).maintain()))
    await maintain()
    const rows = await select(
      first.env.DATABASE_URL ?? '',
      `select id, activated_at from signing_keys where retired_at is null and algorithm = 'ES256' order by sequence`,
    )
    assert.equal(rows.length, before.length + 1)
    assert.equal(rows.filter((row) => row.activated_at === null).length, 1)
    assert.deepEqual(
      await publishedIds(second),
      rows.map(({ id }) => id),
    )
  })
})

describe('signing keys that an operator rotates', { skip: noPostgres }, () => {
  const { first, second } = useTwoServers()
  const maintain = async () => {
    for (const server of [first, second]) await server.maintain()
  }

  it('are reloaded at once when a token names one that a node has never seen', async () => {
    const person = await register(first)
    await maintain()
    // Twice, so that the one that signs is new to both.
    await rotate(first, '--force')
    const key = await rotate(first, '--force')
    await first.maintain()
    const { access } = await signIn(first, person)
    assert.equal(keyIdOf(access), key)
    assert.equal(await isAccepted(second, access), true)
    assert.equal((await publishedIds(second)).includes(key), true)
  })

  it('are refused everywhere once leaked, and nobody is signed out', async () => {
    const person = await register(first)
    await maintain()
    const sessions = await Promise.all([signIn(first, person), signIn(second, person)])
    const leaked = await publishedIds(first)
    const key = await rotate(first, '--leaked')
    await maintain()
    const published = await publishedIds(second)
    assert.equal(published.length, 2)
    assert.equal(published[0], key)
    for (const id of leaked) assert.equal(published.includes(id), false)
    for (const session of sessions) {
      for (const server of [first, second]) assert.equal(await isAccepted(server, session.access), false)
      const fresh = await refresh(second, session)
      assert.equal(keyIdOf(fresh.access), key)
      assert.equal(await isAccepted(first, fresh.access), true)
    }
  })

  it('do not harm a minbil client that still sends tokens of a retired one', async () => {
    const person = await register(first)
    await maintain()
    const [mine, theirs] = await Promise.all([signIn(first, person), signIn(first, person)])
    await rotate(first, '--leaked')
    await maintain()
    const ask = (bearer: string, refreshToken?: string) =>
      second.request('POST', '/api/co/auth/refresh', { bearer, json: { refresh_token: refreshToken } })
    assert.equal((await ask(mine.access)).status, 401)
    assert.equal((await ask(theirs.access, mine.refresh)).status, 401)
    assert.equal((await ask(mine.access, mine.refresh)).status, 200)
  })
})

describe('signing keys over a hundred days', () => {
  const server = {} as TestServer
  before(async () => {
    Object.setPrototypeOf(server, await startTestServer('sqlite'))
  })
  after(() => server.close?.())

  it('rotate by themselves under a live session, and every verifier keeps up', async () => {
    const person = await register(server)
    let tokens = await signIn(server, person)
    const { sid } = claimsOf(tokens.access)
    const signed = new Set<string>()
    // Day by day around the rotation, which is due on the ninetieth.
    for (const days of [20, 20, 20, 20, ...Array<number>(20).fill(1)]) {
      const readBefore = await publishedKeys(server)
      server.clock.advance(days * day)
      await server.maintain()
      tokens = await refresh(server, tokens)
      assert.equal(claimsOf(tokens.access).sid, sid)
      assert.equal(isSignedByOneOf(readBefore, tokens.access), true)
      signed.add(keyIdOf(tokens.access))
    }
    assert.equal(signed.size, 2)
    assert.equal(await isAccepted(server, tokens.access), true)
  })
})

describe('a stranger', { skip: noPostgres }, () => {
  const server = {} as TestServer
  before(async () => {
    Object.setPrototypeOf(server, await startTestServer('postgres'))
  })
  after(() => server.close?.())

  it('who invents key ids is refused, and does not cause a reload for every request', async () => {
    const url = server.env.DATABASE_URL ?? ''
    const { access } = await signIn(server, await register(server))
    const readingsAfter = async (earlier: number) => {
      const [row] = await rowsOnce(url, {
        what: `more than ${earlier} readings`,
        statement: `select seq_scan + idx_scan as scans from pg_stat_user_tables where relname = 'signing_keys'`,
        areWanted: ([row]) => Number(row?.scans) > earlier,
      })
      return Number(row?.scans)
    }
    // PostgreSQL counts what a connection has done when that is closed, at the latest.
    await server.restart()
    const before = await readingsAfter(0)
    const [, claims, signature] = access.split('.')
    const requests = 300
    for (let index = 0; index < requests; index += 20) {
      await Promise.all(
        Array.from({ length: 20 }, async (_, offset) => {
          const kid = `stranger${String(index + offset).padStart(8, '0')}`
          const header = Buffer.from(JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid })).toString(
            'base64url',
          )
          assert.equal(await isAccepted(server, `${header}.${claims}.${signature}`), false)
        }),
      )
    }
    assert.equal(await isAccepted(server, access), true)
    await server.restart()
    const after = await readingsAfter(before)
    assert.ok(after - before < requests * 0.9, `${after - before} readings`)
  })
})
