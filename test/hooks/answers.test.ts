import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import type { HookSettings } from '../../src/core/hooks/settings.ts'
import { openHook } from '../../src/upstream/hook.ts'
import { useFakeServer } from '../upstream/fake-server.ts'
import { groups, plan, secret } from './receiver.ts'

const question = {
  realm: 'main',
  door: 'minbil',
  client: 'minbil',
  account: {
    id: '1',
    email: 'ada@example.com',
    emailVerified: true,
    username: null,
    phone: null,
    phoneVerified: false,
  },
  ip: '192.0.2.1',
  userAgent: null,
}

describe('the answer of a hook', () => {
  const fake = useFakeServer()
  const logged: object[] = []

  const open = (given: Partial<HookSettings> = {}, { path = '/', ticks = (): number => 0 } = {}) => {
    const log = { ...console, warn: (line: object) => void logged.push(line) } as never
    const settings: HookSettings = {
      url: `${fake.origin}${path}`,
      secret,
      timeoutMs: 1_000,
      onFailure: 'refuse',
      allowPrivateAddresses: false,
      claims: [plan, groups],
      ...given,
    }
    return openHook('beforeSignIn', settings, { realm: 'main', log, now: Date.now, newId: () => 'id', ticks })
  }
  const answerTo = async (answer: (response: ServerResponse) => void, given?: Partial<HookSettings>) => {
    const hook = open(given)
    fake.answer = answer
    try {
      return await hook.ask(question)
    } finally {
      hook.close()
    }
  }
  const json = (body: unknown) => (response: ServerResponse) =>
    void response.setHeader('content-type', 'application/json').end(JSON.stringify(body))

  it('lets in, with claims of the names and forms that it may add', async () => {
    const claims = { [plan]: 'gold', [groups]: ['a', 'b'] }
    assert.deepEqual(await answerTo(json({ decision: 'allow' })), { decision: 'allow' })
    assert.deepEqual(await answerTo(json({ decision: 'allow', claims })), { decision: 'allow', claims })
    for (const value of [1, true, []])
      assert.deepEqual(await answerTo(json({ decision: 'allow', claims: { [plan]: value } })), {
        decision: 'allow',
        claims: { [plan]: value },
      })
  })

  it('refuses with a code that doors have words for', async () => {
    assert.deepEqual(await answerTo(json({ decision: 'refuse' })), {
      decision: 'refuse',
      code: 'access_denied',
    })
    for (const code of ['access_denied', 'email_unverified', 'unavailable'])
      assert.deepEqual(await answerTo(json({ decision: 'refuse', code })), { decision: 'refuse', code })
  })

  it('is none where it is not exactly one of these', async () => {
    const garbage: [unknown, string][] = [
      [null, 'unexpected'],
      ['allow', 'unexpected'],
      [{}, 'unexpected'],
      [{ decision: 'Allow' }, 'unexpected'],
      [{ decision: 'allow', message: 'Hello' }, 'unexpected'],
      [{ decision: 'refuse', code: 'internal' }, 'unexpected'],
      [{ decision: 'allow', claims: { sub: 'somebody else' } }, 'unexpected'],
      [{ decision: 'allow', claims: { 'https://example.com/other': 1 } }, 'unexpected'],
      [{ decision: 'allow', claims: { [plan]: { nested: true } } }, 'unexpected'],
      [{ decision: 'allow', claims: { [plan]: 'a'.repeat(257) } }, 'unexpected'],
      [{ decision: 'allow', claims: { [groups]: Array(32).fill('a'.repeat(60)) } }, 'unexpected'],
      [{ decision: 'allow', claims: null }, 'unexpected'],
    ]
    for (const [body, why] of garbage)
      assert.deepEqual(await answerTo(json(body)), { decision: 'none', why }, JSON.stringify(body))
    const raw: [string | Buffer, string][] = [
      ['', 'unreadable'],
      ['{"decision":"allow"', 'unreadable'],
      ['{"decision":"allow","__proto__":{}}', 'unreadable'],
      [
        Buffer.from('{"decision":"allow","claims":{"https://example.com/plan":"\xff"}}', 'latin1'),
        'unreadable',
      ],
      [`{"decision":"allow"}${' '.repeat(17_000)}`, 'too_large'],
      [' '.repeat(300_000), 'too_large'],
    ]
    for (const [body, why] of raw)
      assert.deepEqual(await answerTo((response) => void response.end(body)), { decision: 'none', why })
    const claims = { [plan]: 'gold' }
    assert.equal((await answerTo(json({ decision: 'allow', claims }), { claims: [] })).decision, 'none')
  })

  it('is none with another status, or where it leads elsewhere, which nobody follows', async () => {
    const statuses: [number, string][] = [
      [201, 'unexpected'],
      [204, 'unexpected'],
      [302, 'redirected'],
      [307, 'redirected'],
      [401, 'unexpected'],
      [500, 'server_error'],
    ]
    for (const [status, why] of statuses) {
      const answer = await answerTo((response) => {
        const hasBody = status !== 204
        response.writeHead(status, { location: `${fake.origin}/elsewhere` })
        response.end(hasBody ? JSON.stringify({ decision: 'allow' }) : undefined)
      })
      assert.deepEqual(answer, { decision: 'none', why }, String(status))
      assert.deepEqual(
        fake.asked.map(({ path }) => path),
        ['/'],
      )
    }
  })

  it('is none when it takes too long, as a whole: nobody waits for a slow body', async () => {
    for (const begin of [() => {}, (response: ServerResponse) => void response.write('{"decision":')])
      assert.deepEqual(await answerTo(begin, { timeoutMs: 100 }), { decision: 'none', why: 'timed_out' })
    const broken = await answerTo((response) => void response.destroy())
    assert.deepEqual(broken, { decision: 'none', why: 'broken_off' })
  })

  it('is logged as missing without a word of the question or the answer', async () => {
    logged.length = 0
    await answerTo(json({ decision: 'nonsense' }))
    assert.deepEqual(logged, [{ realm: 'main', hook: 'beforeSignIn', why: 'unexpected' }])
  })

  it('comes over a connection that is kept', async () => {
    const hook = open()
    fake.answer = json({ decision: 'allow' })
    const before = fake.connections
    for (let count = 0; count < 3; count++) await hook.ask(question)
    assert.equal(fake.connections - before, 1)
    hook.close()
  })

  it('is not waited for while five households have waited in vain, but for one trial', async () => {
    let now = 0
    const hook = open({ timeoutMs: 100 }, { ticks: () => now })
    fake.answer = () => {}
    const from = (host: number) => hook.ask({ ...question, ip: `192.0.2.${host}` })
    // However often one address makes it fail, the others are asked about.
    for (let count = 0; count < 6; count++)
      assert.deepEqual(await from(1), { decision: 'none', why: 'timed_out' })
    for (let host = 2; host <= 5; host++)
      assert.deepEqual(await from(host), { decision: 'none', why: 'timed_out' })
    const { length } = fake.asked
    assert.deepEqual(await from(6), { decision: 'none', why: 'resting' })
    assert.equal(fake.asked.length, length)
    now += 30_001
    fake.answer = json({ decision: 'allow' })
    assert.deepEqual(await from(6), { decision: 'allow' })
    assert.deepEqual(await from(1), { decision: 'allow' })
    hook.close()
  })

  it('is not asked for where a name leads to a private address that is not allowed', async () => {
    const settings = {
      url: 'https://hook.example/',
      secret,
      timeoutMs: 1_000,
      onFailure: 'refuse',
      claims: [],
    } as const
    const means = {
      realm: 'main',
      log: { ...console, warn: () => {} } as never,
      now: Date.now,
      newId: () => 'id',
      ticks: () => 0,
    }
    const resolve = (_host: string, _options: object, done: (error: null, found: object[]) => void) =>
      done(null, [{ address: '10.0.0.7', family: 4 }])
    const hook = openHook(
      'beforeSignUp',
      { ...settings, claims: [], allowPrivateAddresses: false },
      { ...means, resolve: resolve as never },
    )
    assert.deepEqual(await hook.ask(question), { decision: 'none', why: 'forbidden_address' })
    hook.close()
  })
})
