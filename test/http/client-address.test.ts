import assert from 'node:assert/strict'
import { it } from 'node:test'
import { credebl, type Person, register } from '../doors.ts'
import { claimsOf, onEveryEngine, type TestServer, useServer } from '../harness.ts'

const elsewhere = '203.0.113.7'

onEveryEngine('the address of a client', (engine) => {
  const server = useServer(engine)
  const person = personAt(server)

  it('is its own, whatever it claims to be', async () => {
    assert.equal(await addressSeen(server, await person()), '127.0.0.1')
    assert.deepEqual(warningsOf(server), [])

    for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded', 'true-client-ip', 'cf-connecting-ip']) {
      const value = name === 'forwarded' ? `for=${elsewhere}` : elsewhere
      assert.equal(await addressSeen(server, await person(), { [name]: value }), '127.0.0.1', name)
    }
  })

  it('is warned of once when a proxy is not configured, without what the header says', async () => {
    for (let times = 0; times < 3; times++) {
      const headers = { 'x-forwarded-for': elsewhere }
      assert.equal(await addressSeen(server, await person(), headers), '127.0.0.1')
    }
    const warnings = warningsOf(server)
    assert.equal(warnings.length, 1)
    assert.equal(warnings[0]?.peer, '127.0.0.1')
    assert.ok(!JSON.stringify(warnings).includes(elsewhere))
  })
})

onEveryEngine('the address of a client behind a trusted proxy', (engine) => {
  const server = useServer(engine, { env: { MANYDOORS_TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8' } })
  const person = personAt(server)

  const examples: [what: string, header: string, address: string][] = [
    ['is what the proxy says', elsewhere, elsewhere],
    ['is of version 6 where the proxy says so', '2001:db8::7', '2001:db8::7'],
    ['is the rightmost, since the rest comes from the client', `198.51.100.1, ${elsewhere}`, elsewhere],
    ['is not one that the client wrote in front', `127.0.0.1, 10.0.0.1, ${elsewhere}`, elsewhere],
    [
      'is the rightmost that is no trusted proxy',
      `198.51.100.1, ${elsewhere}, 10.1.2.3, 127.0.0.1`,
      elsewhere,
    ],
    ['is the first of several trusted ones', '10.0.0.2, 10.0.0.1', '10.0.0.2'],
    ['is the proxy itself when it speaks for itself', '127.0.0.1', '127.0.0.1'],
  ]
  for (const [what, header, address] of examples) {
    it(what, async () => {
      assert.equal(await addressSeen(server, await person(), { 'x-forwarded-for': header }), address)
    })
  }

  it("is the proxy's own without the header", async () => {
    assert.equal(await addressSeen(server, await person()), '127.0.0.1')
  })

  it('gives no cause for a warning', () => {
    assert.deepEqual(warningsOf(server), [])
  })
})

onEveryEngine('the address of a client of another proxy than the trusted one', (engine) => {
  const server = useServer(engine, { env: { MANYDOORS_TRUSTED_PROXIES: '10.0.0.1' } })
  const person = personAt(server)

  it('is not believed, and is warned of once', async () => {
    for (const header of [elsewhere, '10.0.0.1', `${elsewhere}, 10.0.0.1`])
      assert.equal(await addressSeen(server, await person(), { 'x-forwarded-for': header }), '127.0.0.1')
    assert.equal(warningsOf(server).length, 1)
  })
})

/** One person for the whole suite, made when first asked for. */
function personAt(server: TestServer): () => Promise<Person> {
  let person: Promise<Person> | undefined
  return () => {
    person ??= register(server)
    return person
  }
}

/** Signs in with these headers and has credebl's list of sessions say where from. */
async function addressSeen(
  server: TestServer,
  json: Person,
  headers: Record<string, string> = {},
): Promise<string> {
  const signedIn = await server.request('POST', '/auth/signin', { json, headers })
  const { access } = credebl.tokensOf(signedIn)
  const list = await server.request('GET', `/auth/${claimsOf(access).sub}/sessions`, { bearer: access })
  const session = list.body.data.find(({ id }: { id: string }) => id === signedIn.body.data.sessionId)
  return JSON.parse(session.clientInfo).ip
}

function warningsOf({ log }: TestServer) {
  return log.filter(({ level, msg }) => Number(level) >= 40 && /X-Forwarded-For/.test(String(msg)))
}
