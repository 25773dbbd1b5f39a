import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { send, whoAmI } from '../../../dialects/wolfpal/door.ts'
import { type Answer, freshEmail, startTestServer, type TestServer } from '../../../harness/harness.ts'
import { brought, oldToken, rsaKey, takingTokens } from './old-tokens.ts'

/** Publishes keys, and counts who asks for them. */
async function publish(answer: () => { status: number; body: unknown }) {
  const asked: string[] = []
  const server: Server = createServer((request, response) => {
    asked.push(request.url ?? '')
    const { status, body } = answer()
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/keys`,
    asked,
    close: () => new Promise((done) => server.close(done)),
  }
}

const settings = (url: string) =>
  takingTokens({ wolfpal: `jwks: '${url}', issuer: old, audience: app, source: oldshop, accessLifetime: 4h` })
const refusedAs = ({ status, text }: Answer) => assert.equal(status, 401, text)

describe('an access token that a published key has signed', () => {
  const key = rsaKey()
  const jwk = { ...key.publicKey.export({ format: 'jwk' }), use: 'sig', kid: 'one' }
  let keys: Awaited<ReturnType<typeof publish>>
  let server: TestServer
  const rs256 = { algorithm: 'RS256', key: key.privatePem } as const
  const someone = () => brought(server, { email: freshEmail(), source: 'oldshop' })
  before(async () => {
    keys = await publish(() => ({ status: 200, body: { keys: [{ kty: 'EC' }, jwk] } }))
    server = await startTestServer('sqlite', { yaml: settings(keys.url) })
  })
  after(async () => {
    await server.close()
    await keys.close()
  })

  it('lets its owner in, and the keys are asked for once', async () => {
    const { email, subject } = await someone()
    const tokens = ['a', 'b'].map((jti) => oldToken(subject, { aud: ['app', 'other'], jti }, rs256))
    for (const token of tokens) assert.equal((await whoAmI(server, token)).body.user?.email, email)
    refusedAs(await whoAmI(server, oldToken(subject, { aud: 'app' }, { ...rs256, key: rsaKey().privatePem })))
    assert.deepEqual(keys.asked, ['/keys'])
  })

  it('is refused where the public key was taken for a secret', async () => {
    const { subject } = await someone()
    const pem = key.publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const header = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'JWT' })).toString('base64url')
    const [, claims] = oldToken(subject, { aud: 'app' }).split('.')
    const { createHmac } = await import('node:crypto')
    const mac = createHmac('sha256', pem).update(`${header}.${claims}`).digest('base64url')
    refusedAs(await whoAmI(server, `${header}.${claims}.${mac}`))
  })

  it('is refused for another audience', async () => {
    const { subject } = await someone()
    refusedAs(await whoAmI(server, oldToken(subject, { aud: 'other' }, rs256)))
    refusedAs(await whoAmI(server, oldToken(subject, {}, rs256)))
  })

  it('brings no key of its own along, and no address of one', async () => {
    const { subject } = await someone()
    const own = rsaKey()
    const header = {
      jwk: own.publicKey.export({ format: 'jwk' }),
      jku: keys.url.replace('keys', 'mine'),
      x5u: keys.url.replace('keys', 'mine'),
      kid: 'one',
    }
    const token = oldToken(subject, { aud: 'app' }, { algorithm: 'RS256', key: own.privatePem, header })
    refusedAs(await whoAmI(server, token))
    assert.equal(keys.asked.includes('/mine'), false)
  })
})

describe('an old access token whose keys cannot be had', () => {
  it('is told to come back, and tokens of ours and nonsense are not', async () => {
    const keys = await publish(() => ({ status: 500, body: {} }))
    const server = await startTestServer('sqlite', { yaml: settings(keys.url) })
    try {
      const token = oldToken('somebody', { aud: 'app' }, { algorithm: 'RS256', key: rsaKey().privatePem })
      const answer = await whoAmI(server, token)
      assert.equal(answer.status, 503, answer.text)
      assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/)
      refusedAs(await whoAmI(server, 'nonsense'))
      refusedAs(await send(server, 'GET', '/account'))
      await whoAmI(server, token)
      assert.equal(keys.asked.length, 1)
    } finally {
      await server.close()
      await keys.close()
    }
  })
})
