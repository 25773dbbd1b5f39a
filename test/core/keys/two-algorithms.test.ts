import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, type JsonWebKey, verify } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { it } from 'node:test'
import type { RealmContext } from '../../../src/core/context.ts'
import type { KeyRing } from '../../../src/core/keys/key-ring.ts'
import { nextKeys, replaceKeys, rotateKeys } from '../../../src/core/keys/key-rotation.ts'
import { jsonOf } from '../../harness/command.ts'
import { select } from '../../harness/database.ts'
import { minbil, register } from '../../harness/doors.ts'
import { claimsOf, onEveryEngine, type TestServer, useServer } from '../../harness/harness.ts'
import { withRealm } from '../../harness/realm.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

interface Key extends JsonWebKey {
  kid: string
  alg: 'ES256' | 'RS256'
}

const off = `
realms:
  main:
    openid: { enabled: false }
`
const on = `
realms:
  main:
    openid: { enabled: true }
`

async function published(server: TestServer): Promise<Key[]> {
  return (await server.request('GET', '/.well-known/jwks.json')).body.keys
}

const idsOf = (keys: Key[], alg?: string) =>
  keys.filter((key) => alg === undefined || key.alg === alg).map(({ kid }) => kid)

const headerOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())

/** What a client does with a token (RFC 7515 §5.2). */
function isSignedBy(key: Key, token: string): boolean {
  const [header, claims, signature = ''] = token.split('.')
  return verify(
    'sha256',
    Buffer.from(`${header}.${claims}`),
    { key: createPublicKey({ key: { ...key }, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
}

/** Works with the keys as another node has them. */
function withKeys<T>(server: TestServer, work: (keys: KeyRing, ctx: RealmContext) => Promise<T>): Promise<T> {
  return withRealm(server, (ctx) => work(ctx.keys, ctx))
}

onEveryEngine('signing keys of two algorithms', (engine) => {
  const server = useServer(engine, { yaml: off })
  const setTo = (yaml: string) =>
    server.restart(() => writeFile(server.env.MANYDOORS_CONFIG ?? assert.fail(), yaml))

  it('are of one where OpenID Connect is off', async () => {
    assert.deepEqual(
      (await published(server)).map(({ alg }) => alg),
      ['ES256', 'ES256'],
    )
    const [{ rotated }] = await jsonOf(server, ['keys', 'rotate', '--force'])
    assert.deepEqual(
      rotated.map(({ algorithm }: { algorithm: string }) => algorithm),
      ['ES256'],
    )
    await withKeys(server, async (keys) => {
      assert.throws(() => keys.signJwt('RS256', { typ: 'JWT' }, { iat: 1 }), /no such signing key/)
    })
  })

  it('are of one after a start with it on, too, which does not wait for pairs of RS256', async () => {
    await server.maintain()
    const before = await published(server)
    await setTo(on)
    assert.deepEqual(await published(server), before)
  })

  it('are made once by any number of nodes when it is used, and those that were there stay', async () => {
    const before = await published(server)
    await Promise.all([
      server.request('GET', '/.well-known/openid-configuration'),
      ...Array.from({ length: 5 }, () => withKeys(server, (keys) => keys.complete())),
    ])
    const after = await published(server)
    assert.deepEqual(after.slice(0, before.length), before)
    assert.deepEqual(
      after.slice(before.length).map(({ alg, kty, use, e }) => [alg, kty, use, e]),
      Array(2).fill(['RS256', 'RSA', 'sig', 'AQAB']),
    )
    for (const key of after) assert.equal(key.d, undefined)
    const states = await select(
      server.env.DATABASE_URL ?? '',
      `select activated_at from signing_keys where algorithm = 'RS256' order by sequence`,
    )
    assert.deepEqual(
      states.map(({ activated_at }) => activated_at !== null),
      [true, false],
    )
  })

  it('sign, each by the current one of its algorithm, what is verified by what is published', async () => {
    const keys = await published(server)
    await withKeys(server, async (ring, { now }) => {
      for (const algorithm of ['ES256', 'RS256'] as const) {
        const claims = { iat: Math.floor(now() / 1000), sub: 'somebody', events: {} }
        const token = ring.signJwt(algorithm, { typ: 'logout+jwt' }, claims)
        const { kid, ...header } = headerOf(token)
        assert.deepEqual(header, { alg: algorithm, typ: 'logout+jwt' })
        assert.deepEqual(claimsOf(token), claims)
        assert.equal(isSignedBy(keys.find((key) => key.kid === kid) ?? assert.fail(), token), true)
        assert.equal(ring.verify(token), undefined)
      }
    })
  })

  it('sign no access token of a door with RS256, and believe none', async () => {
    const { access } = minbil.tokensOf(await minbil.signIn(server, await register(server)))
    assert.equal(headerOf(access).alg, 'ES256')
    await withKeys(server, async (ring) => {
      const forged = ring.signJwt('RS256', { typ: 'at+jwt' }, claimsOf(access))
      assert.equal(ring.verify(forged), undefined)
      assert.equal(await ring.learn(forged), false)
      assert.equal(ring.namesAnother(forged), false)
      const answer = await server.request('POST', '/api/co/auth/sign-out', { bearer: forged })
      assert.equal(answer.status, 401)
    })
    assert.equal((await server.request('POST', '/api/co/auth/sign-out', { bearer: access })).status, 200)
  })

  it('are had with their private halves: those that sign, then those that have signed, and not the next', async () => {
    await withKeys(server, async (ring) => {
      const [jwks, publicOnes] = [ring.privateJwks() as Key[], ring.jwks.keys as Key[]]
      const [currentRsa] = idsOf(publicOnes, 'RS256')
      const [previous, current] = idsOf(publicOnes, 'ES256')
      assert.deepEqual(idsOf(jwks), [current, currentRsa, previous])
      for (const jwk of jwks) {
        const { kid, use, alg, ...key } = jwk
        const half = createPublicKey(createPrivateKey({ key, format: 'jwk' })).export({ format: 'jwk' })
        assert.deepEqual(
          { ...half, kid, use, alg },
          publicOnes.find((one) => one.kid === kid),
        )
      }
    })
  })

  it('rotate each in its time, and change the version of the ring then alone', async () => {
    await withKeys(server, async (ring) => {
      const { version } = ring
      const rsa = idsOf(await published(server), 'RS256')
      await ring.reload()
      assert.equal(ring.version, version)
      server.clock.advance(91 * day)
      await server.maintain()
      await ring.reload()
      assert.notEqual(ring.version, version)
      const [, next, afterNext] = idsOf(await published(server), 'RS256')
      assert.equal(next, rsa[1])
      assert.ok(afterNext)
      assert.equal(headerOf(ring.signJwt('RS256', { typ: 'JWT' }, { iat: 1 })).kid, next)
    })
  })

  it('stay published for as long as ID tokens are good that they have signed, and longer', async () => {
    const before = idsOf(await published(server), 'RS256')
    server.clock.advance(hour + 14 * minute)
    await server.maintain()
    assert.deepEqual(idsOf(await published(server), 'RS256'), before)
    server.clock.advance(minute)
    await server.maintain()
    assert.deepEqual(idsOf(await published(server), 'RS256'), before.slice(1))
    const rows = await select(
      server.env.DATABASE_URL ?? '',
      `select private_sealed from signing_keys where id = '${before[0]}'`,
    )
    assert.equal(rows[0]?.private_sealed, '')
  })

  it('are retired each for itself: one that has signed stays, though a younger one of the other kind went', async () => {
    const [rsa = ''] = idsOf(await published(server), 'RS256')
    await withRealm(server, async (ctx) => {
      const next = await nextKeys(ctx)
      assert.equal(
        (
          await rotateKeys(
            ctx,
            next.filter(({ algorithm }) => algorithm === 'ES256'),
          )
        )?.length,
        1,
      )
    })
    server.clock.advance(2 * hour)
    await server.maintain()
    const keys = await published(server)
    assert.equal(idsOf(keys, 'ES256').length, 2)
    assert.equal(idsOf(keys, 'RS256')[0], rsa)
  })

  it('are all the same after a restart', async () => {
    const before = await published(server)
    await server.restart()
    assert.deepEqual(await published(server), before)
  })

  it('are all replaced once one has leaked', async () => {
    const leaked = idsOf(await published(server))
    const signing = (await withRealm(server, replaceKeys)) ?? assert.fail()
    await server.maintain()
    const keys = await published(server)
    assert.deepEqual(
      keys.map(({ alg }) => alg),
      ['ES256', 'ES256', 'RS256', 'RS256'],
    )
    for (const { kid } of keys) assert.ok(!leaked.includes(kid))
    assert.deepEqual(
      signing.map(({ id }) => id),
      [keys[0]?.kid, keys[2]?.kid],
    )
  })

  it('of RS256 stay as they are once OpenID Connect is off again', async () => {
    const before = await published(server)
    await setTo(off)
    server.clock.advance(91 * day)
    await server.maintain()
    const keys = await published(server)
    assert.deepEqual(idsOf(keys, 'RS256'), idsOf(before, 'RS256'))
    assert.equal(idsOf(keys, 'ES256').length, 3)
    await setTo(on)
    await server.maintain()
    assert.equal(idsOf(await published(server), 'RS256').length, 3)
  })
})
