import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { describe, it } from 'node:test'
import { select } from '../harness/database.ts'
import { credebl, type Person, register } from '../harness/doors.ts'
import { claimsOf, onEveryEngine, type TestServer, useServer } from '../harness/harness.ts'
import { assertLimited, assertStatus, freshAddress, post, signIn, signUp } from '../limits/callers.ts'

const elsewhere = '203.0.113.7'
const elsewhere6 = '2001:db8::7'

onEveryEngine('the IP of a client', (engine) => {
  const server = useServer(engine)
  const person = personAt(server)

  it('is that of the connection, whatever headers it sends', async () => {
    assert.equal(await addressSeen(server, await person()), '127.0.0.1')
    assert.deepEqual(warningsOf(server), [])

    for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded', 'true-client-ip', 'cf-connecting-ip']) {
      const value = name === 'forwarded' ? `for=${elsewhere}` : elsewhere
      assert.equal(await addressSeen(server, await person(), { [name]: value }), '127.0.0.1', name)
    }
  })

  it("causes one warning when a proxy is not configured, without the header's value", async () => {
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

onEveryEngine('the IP of a client behind a trusted proxy', (engine) => {
  const server = useServer(engine, { env: { MANYDOORS_TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8' } })
  const person = personAt(server)

  const examples: [what: string, header: string, address: string][] = [
    ['is what the proxy says', elsewhere, elsewhere],
    ['is of version 6 where the proxy says so', elsewhere6, elsewhere6],
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

  it('is kept without the port in the audit trail', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.51:51234' }
    await addressSeen(server, await person(), headers)
    const rows = await select(
      server.env.DATABASE_URL ?? '',
      `select distinct ip from audit where ip like '%203.0.113.51%'`,
    )
    assert.deepEqual(
      rows.map(({ ip }) => ip),
      ['203.0.113.51'],
    )
  })

  it('causes no warning', () => {
    assert.deepEqual(warningsOf(server), [])
  })
})

describe('an IP as proxies write it', () => {
  const trusted = '127.0.0.1, 10.0.0.0/8, ::ffff:192.0.2.0/120, 2001:db8:ffff::/48'
  const server = useServer('sqlite', { env: { MANYDOORS_TRUSTED_PROXIES: trusted } })
  const person = personAt(server)
  const seen = async (header: string) => addressSeen(server, await person(), { 'x-forwarded-for': header })

  const written: [header: string, address: string][] = [
    [`${elsewhere}:40001`, elsewhere],
    [`"${elsewhere}"`, elsewhere],
    [`"${elsewhere}:40001"`, elsewhere],
    [`\t ${elsewhere} \t`, elsewhere],
    [`[${elsewhere}]:80`, elsewhere],
    [`${elsewhere}%2`, elsewhere],
    [`[${elsewhere6}]`, elsewhere6],
    [`[${elsewhere6}]:443`, elsewhere6],
    [`"[${elsewhere6}]:443"`, elsewhere6],
    ['2001:DB8:0:0:0:0:0:7', elsewhere6],
    ['2001:0db8::0007', elsewhere6],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%25eth0]:443', 'fe80::1'],
    [`::ffff:${elsewhere}`, elsewhere],
    [`::ffff:${elsewhere}:40001`, elsewhere],
    [`[::ffff:${elsewhere}]:40001`, elsewhere],
    ['::FFFF:CB00:7107', elsewhere],
    ['0:0:0:0:0:ffff:cb00:7107', elsewhere],
    ['::203.0.113.7', '::cb00:7107'],
    [`198.51.100.1:1, ${elsewhere}:40001, 10.1.2.3:443, [::ffff:10.0.0.1]:443`, elsewhere],
    [`198.51.100.1, ${elsewhere}, 192.0.2.9:1, [2001:db8:ffff::1]:443`, elsewhere],
    [`unknown, garbage, ${elsewhere}:40001, 10.1.2.3:443`, elsewhere],
  ]
  for (const [header, address] of written) {
    it(`is ${address} for ${header.trim()}`, async () => assert.equal(await seen(header), address))
  }

  it('causes no warning', () => {
    assert.deepEqual(warningsOf(server), [])
  })

  const none = [
    'unknown',
    '_hidden',
    'no-address-at-all',
    '',
    ',',
    `${elsewhere}, `,
    `${elsewhere}, unknown`,
    `${elsewhere}, unknown, 10.0.0.1:80`,
    `for=${elsewhere}`,
    '203.0.113.007',
    '0203.0.113.7',
    '203.0.113',
    '3405803783',
    '0xcb007107',
    '0xcb.0.0x71.7',
    '203.0.113.7.',
    '203.0.113.256',
    `${elsewhere}:65536`,
    `${elsewhere}:4000a`,
    `${elsewhere}/32`,
    `[${elsewhere6}`,
    `[${elsewhere6}]443`,
    '2001:db8::7::1',
    '::ffff:203.0.113.007',
    'localhost',
    'unix:',
    `${elsewhere} 198.51.100.1`,
    `${'1'.repeat(4000)}.1.1.1`,
  ]
  for (const header of none) {
    it(`is that of the proxy, for ${JSON.stringify(header.slice(0, 40))}`, async () =>
      assert.equal(await seen(header), '127.0.0.1'))
  }

  it("causes one warning where it is malformed, without the header's value", () => {
    const warnings = warningsOf(server)
    assert.equal(warnings.length, 1)
    assert.match(String(warnings[0]?.msg), /no IP address/)
    assert.equal(warnings[0]?.peer, '127.0.0.1')
    for (const header of ['unknown', '_hidden', 'no-address'])
      assert.ok(!JSON.stringify(warnings).includes(header))
  })
})

describe('the port that a proxy writes behind an IP', () => {
  const server = useServer('sqlite', {
    limits: 'real',
    env: { MANYDOORS_TRUSTED_PROXIES: '127.0.0.1' },
  })

  it('is ignored by limits, and does not lock the owner out', async () => {
    const owner = await signUp(server)
    assertStatus(200, await signIn(server, '203.0.113.5:50001', owner))
    const wrong = { ...owner, password: 'a wrong password' }
    for (let port = 41_001; port <= 41_022; port++) {
      const answer = await signIn(server, `198.51.100.7:${port}`, wrong)
      if (port <= 41_010) assertStatus(401, answer)
      else assertLimited(answer)
    }
    assertStatus(200, await signIn(server, '203.0.113.5:50002', owner))
  })

  it('is ignored behind IPv6 in brackets, too', async () => {
    const { email } = await signUp(server)
    const ask = (port: number) => post(server, `[2001:db8:1:2::7]:${port}`, '/forgot-password', { email })
    for (let port = 40_001; port <= 40_005; port++) assertStatus(200, await ask(port))
    assertLimited(await ask(40_006))
  })
})

describe('the many /64 of one customer', () => {
  const server = useServer('sqlite', {
    limits: { 'ticket-address': 2 },
    env: { MANYDOORS_TRUSTED_PROXIES: '127.0.0.1' },
  })
  const guess = (address: string) =>
    post(server, address, '/reset-password', { token: 'guessed', password: 'StrongPass123!' })

  it('have eight times the limit of one /64 together', async () => {
    const address = (household: number) => `2001:db8:5:${household.toString(16)}::1`
    for (let household = 0; household < 8; household++) {
      for (let count = 0; count < 2; count++) assertStatus(400, await guess(address(household)))
      // What its own limit has refused does not count for the others.
      if (household < 7) assertLimited(await guess(address(household)))
    }
    assertLimited(await guess(address(9)))
    assertLimited(await guess('2001:db8:5:ffff::1'))
    assertStatus(400, await guess('2001:db8:6::1'))
  })

  it('do not concern IPv4', async () => {
    for (let count = 0; count < 20; count++) assertStatus(400, await guess(freshAddress()))
  })
})

onEveryEngine('the IP of a client behind an untrusted proxy', (engine) => {
  const server = useServer(engine, { env: { MANYDOORS_TRUSTED_PROXIES: '10.0.0.1' } })
  const person = personAt(server)

  it('is ignored, and causes one warning', async () => {
    for (const header of [elsewhere, '10.0.0.1', `${elsewhere}, 10.0.0.1`])
      assert.equal(await addressSeen(server, await person(), { 'x-forwarded-for': header }), '127.0.0.1')
    assert.equal(warningsOf(server).length, 1)
  })
})

const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ family }) => family === 'IPv6'),
)
describe('a proxy seen as an IPv4-mapped IPv6 address', { skip: !hasIpv6 && 'there is no IPv6' }, () => {
  const server = useServer('sqlite', {
    env: { HOST: '::', MANYDOORS_TRUSTED_PROXIES: '127.0.0.0/8' },
  })
  const person = personAt(server)

  it('is trusted by its IPv4 address', async () => {
    assert.equal(await addressSeen(server, await person(), { 'x-forwarded-for': elsewhere }), elsewhere)
    assert.equal(await addressSeen(server, await person()), '127.0.0.1')
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
  const session = list.body.data.find(({ id }: { id: string }) => id === claimsOf(access).sid)
  return JSON.parse(session.clientInfo).ip
}

function warningsOf({ log }: TestServer) {
  return log.filter(({ level, msg }) => Number(level) >= 40 && /X-Forwarded-For/.test(String(msg)))
}
