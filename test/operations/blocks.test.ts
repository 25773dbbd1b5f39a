import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addBlock, BlockRefused, isWideRange } from '../../src/core/limits/blocks.ts'
import { canonicalRange } from '../../src/lib/ip.ts'
import { assertRefused, jsonOf, runCommand } from '../harness/command.ts'
import { rowsOnce } from '../harness/database.ts'
import { credebl, minbil } from '../harness/doors.ts'
import { type Answer, freshEmail, onEveryEngine, type TestServer, useServer } from '../harness/harness.ts'
import { withRealm } from '../harness/realm.ts'
import { behindProxy } from '../limits/callers.ts'

const day = 24 * 60 * 60_000
const nobody = { email: freshEmail(), password: 'not the password' }

onEveryEngine('a block', (engine) => {
  const server = useServer(engine, { env: behindProxy })

  it('closes every door and page to a range, in the words of each, until it is removed', async () => {
    const [inside, outside] = [at(server, '203.0.113.9'), at(server, '203.0.114.9')]
    assert.equal((await minbil.signIn(inside, nobody)).status, 401)
    await jsonOf(server, ['block', 'add', '203.0.113.7/24', '--reason', 'a flood', '--for', '2d'])
    await server.maintain()

    for (const answer of [
      await minbil.signIn(inside, nobody),
      await credebl.signIn(inside, nobody),
      await inside.request('GET', '/ui/forgot-password'),
      await inside.request('GET', '/account'),
      await inside.request('GET', '/.well-known/jwks.json'),
      await inside.request('GET', '/nowhere'),
    ]) {
      assert.equal(answer.status, 429, answer.text)
      const seconds = Number(answer.headers.get('retry-after'))
      assert.ok(seconds > (2 * day) / 1000 - 60 && seconds <= (2 * day) / 1000, String(seconds))
      assert.doesNotMatch(answer.text, /203\.0\.113|flood|block/i)
    }
    assert.equal((await inside.request('GET', '/healthz')).status, 200)
    assert.equal((await minbil.signIn(outside, nobody)).status, 401)
    assert.deepEqual(await trailOf(server, '203.0.113.9'), ['blocked 203.0.113.0/24'])

    await jsonOf(server, ['block', 'remove', '203.0.113.0/24'])
    await server.maintain()
    assert.equal((await minbil.signIn(inside, nobody)).status, 401)
  })

  it('looks to a client like a limit that is used up', async () => {
    const blocked = at(server, '198.51.100.4')
    await jsonOf(server, ['block', 'add', '198.51.100.4', '--reason', 'a flood'])
    await server.maintain()
    const answer = await minbil.signIn(blocked, nobody)
    const unlike = await minbil.signIn(at(server, '198.51.100.5'), nobody)
    assert.equal(unlike.status, 401)
    assert.deepEqual([answer.status, Object.keys(answer.body)], [429, Object.keys(unlike.body)])
  })

  it('of IPv6 hits that network alone', async () => {
    await jsonOf(server, ['block', 'add', '2001:db8:1::/48', '--reason', 'a flood'])
    await server.maintain()
    assert.equal((await minbil.signIn(at(server, '2001:db8:1:2::3'), nobody)).status, 429)
    assert.equal((await minbil.signIn(at(server, '2001:db8:2::1'), nobody)).status, 401)
  })

  it('ends by itself', async () => {
    await jsonOf(server, ['block', 'add', '192.0.2.66', '--reason', 'a flood', '--for', '1h'])
    await server.maintain()
    const blocked = at(server, '192.0.2.66')
    assert.equal((await minbil.signIn(blocked, nobody)).status, 429)
    server.clock.advance(60 * 60_000)
    assert.equal((await minbil.signIn(blocked, nobody)).status, 401)
    const listed = await jsonOf(atItsClock(server), ['block', 'list'])
    assert.ok(!listed.some(({ range }) => range === '192.0.2.66'))
  })

  it('is listed with its reason, its end and who has made it; one of the same range is replaced', async () => {
    const target = atItsClock(server)
    for (const reason of ['first', 'second'])
      await jsonOf(target, ['block', 'add', '203.0.113.200', '--reason', reason])
    const listed = await jsonOf(target, ['block', 'list'])
    const own = listed.filter(({ range }) => range === '203.0.113.200')
    assert.deepEqual(
      own.map(({ reason, actor }) => [reason, actor]),
      [['second', 'cli']],
    )
    const events = await jsonOf(target, ['audit', '--event', 'block.added'])
    const of = events.filter(({ detail }) => detail === '203.0.113.200')
    assert.deepEqual(
      of.map(({ actor, outcome }) => [actor, outcome]),
      [
        ['cli', 'success'],
        ['cli', 'success'],
      ],
    )
  })

  it('is refused for what is no range, the whole internet, too long a time, and where nothing is blocked', async () => {
    const add = (range: string, ...more: string[]) => ['block', 'add', range, '--reason', 'why', ...more]
    for (const range of ['example.com', '203.0.113.300', '203.0.113.0/33', '0.0.0.0/0', ''])
      assert.equal((await runCommand(server, add(range))).code, 1, range)
    await assertRefused(server, add('11.0.0.0/7'), /Nothing wider than a \/8/)
    await assertRefused(server, add('2000::/3'), /Nothing wider than a \/8 of IPv4 or a \/16 of IPv6/)
    assert.equal((await runCommand(server, add('203.0.113.1', '--for', '31d'))).code, 1)
    assert.equal((await runCommand(server, ['block', 'add', '203.0.113.1'])).code, 1)
    await assertRefused(server, ['block', 'remove', '203.0.113.1'], /is not blocked/)
  })
})

describe('who blocks', () => {
  const server = useServer('sqlite')

  it('is never shut out: neither the own address nor a range around it is blocked', async () => {
    await withRealm(server, async (ctx) => {
      const origin = { ip: '203.0.113.9', requestId: 'r', language: 'en' } as const
      const block = (range: string) =>
        addBlock({ ...ctx, origin }, { range, reason: 'why', endsAt: ctx.now() + day })
      for (const range of ['203.0.113.9', '203.0.113.0/24', '::ffff:203.0.113.9', '203.0.0.0/16'])
        await assert.rejects(
          block(range),
          (error) => error instanceof BlockRefused && error.problem === 'own_address',
          range,
        )
      assert.equal((await block('203.0.113.10')).range, '203.0.113.10')
    })
  })
})

describe('a range', () => {
  it('is kept in one form', () => {
    const forms = {
      '203.0.113.9/24': '203.0.113.0/24',
      '203.0.113.9/32': '203.0.113.9',
      ' 203.0.113.9 ': '203.0.113.9',
      '::ffff:203.0.113.9': '203.0.113.9',
      '::ffff:203.0.113.9/120': '203.0.113.0/24',
      '2001:DB8::1/64': '2001:db8::/64',
      '2001:db8:0:0:0:0:0:1': '2001:db8::1',
    }
    for (const [typed, kept] of Object.entries(forms)) assert.equal(canonicalRange(typed)?.text, kept, typed)
  })

  it('is wide beyond what one customer of a network has', () => {
    for (const range of ['203.0.0.0/23', '2001:db8::/47']) assert.ok(isWideRange(range), range)
    for (const range of ['203.0.113.0/24', '203.0.113.7', '2001:db8::/48', '2001:db8::1'])
      assert.ok(!isWideRange(range), range)
  })
})

/** The server as it is asked from that address. */
function at(server: TestServer, address: string): Pick<TestServer, 'request'> {
  return {
    request: (method, path, options = {}): Promise<Answer> =>
      server.request(method, path, {
        ...options,
        headers: { ...options.headers, 'x-forwarded-for': address },
      }),
  }
}

/** For a command that is run at the time of the server. */
function atItsClock({ env, clock: { now } }: TestServer) {
  return { env, now }
}

/** What the trail says of refused requests from an address, once there is something. */
async function trailOf({ env }: TestServer, ip: string): Promise<unknown[]> {
  const rows = await rowsOnce(env.DATABASE_URL ?? '', {
    what: `refusals of ${ip}`,
    statement: `select detail from audit where event = 'request.refused' and ip = '${ip}'`,
    areWanted: (rows) => rows.length > 0,
  })
  return rows.map(({ detail }) => detail)
}
