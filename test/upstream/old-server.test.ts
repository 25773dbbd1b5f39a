import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import type { PasswordAnswer, Upstream } from '../../src/core/switching/upstream.ts'
import { createBreaker } from '../../src/upstream/breaker.ts'
import { createOldServer, type OldServerObserver } from '../../src/upstream/old-server.ts'
import { eventually, notify } from '../harness/events.ts'
import { createClock, oldServerAt, upstreamOf } from './ask.ts'
import { sendJson, useFakeServer } from './fake-server.ts'

const wolfpal = upstreamOf('wolfpal')
const question = { identifier: { email: 'ada@example.com' }, password: 'correct horse battery staple' }
const resting = { outcome: 'failed', why: 'resting' }
const wrong = { outcome: 'wrong' }

const sayWrong = (response: ServerResponse) => sendJson(response, 400, { code: 'INVALID_CREDENTIALS' })
const breakDown = (response: ServerResponse) => sendJson(response, 500, {})

describe('a breaker', () => {
  const dead = { isAlive: false, household: undefined } as const
  const alive = { isAlive: true } as const

  /** One that has failed so often. */
  const failing = (times: number) => {
    const clock = createClock()
    const breaker = createBreaker(clock.now)
    for (let count = 0; count < times; count++) breaker.begin()?.(dead)
    return { clock, breaker }
  }

  it('opens with the fifth failure, and lets one through after half a minute', () => {
    const { clock, breaker } = failing(4)
    assert.equal(breaker.state(), 'closed')
    breaker.begin()?.(dead)
    assert.equal(breaker.state(), 'open')
    clock.advance(29_999)
    assert.equal(breaker.begin(), undefined)
    clock.advance(1)
    const end = breaker.begin()
    assert.equal(breaker.state(), 'trial')
    assert.equal(breaker.begin(), undefined)
    end?.(alive)
    assert.equal(breaker.state(), 'closed')
  })

  it('opens anew for as long when the trial fails, and tries again when it has come to nothing', () => {
    const { clock, breaker } = failing(5)
    clock.advance(30_000)
    breaker.begin()?.('unasked')
    breaker.begin()?.(dead)
    clock.advance(29_999)
    assert.equal(breaker.begin(), undefined)
    clock.advance(1)
    breaker.begin()?.(alive)
    assert.equal(breaker.state(), 'closed')
  })

  it('counts failures of half a minute, with no good answer between them', () => {
    const { clock, breaker } = failing(4)
    clock.advance(30_000)
    for (let count = 0; count < 4; count++) breaker.begin()?.(dead)
    breaker.begin()?.(alive)
    for (let count = 0; count < 4; count++) breaker.begin()?.(dead)
    assert.equal(breaker.state(), 'closed')
  })

  it('is not closed by what had begun before it opened', () => {
    const clock = createClock()
    const breaker = createBreaker(clock.now)
    const ends = Array.from({ length: 6 }, () => breaker.begin())
    for (const end of ends.slice(0, 5)) end?.(dead)
    ends[5]?.(alive)
    assert.equal(breaker.state(), 'open')
  })

  it('is not opened by one household that knows how to provoke failures', () => {
    const breaker = createBreaker(createClock().now)
    const provoked = (household: string) => ({ isAlive: false, household }) as const
    for (let count = 0; count < 100; count++) breaker.begin()?.(provoked('192.0.2.1'))
    assert.equal(breaker.state(), 'closed')
    for (const household of ['192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5'])
      breaker.begin()?.(provoked(household))
    assert.equal(breaker.state(), 'open')
  })

  it('is not kept open by one household that knows how to provoke failures', () => {
    const { clock, breaker } = failing(5)
    const household = '192.0.2.1'
    for (let round = 0; round < 3; round++) {
      clock.advance(30_000)
      breaker.begin(household)?.({ isAlive: false, household })
      assert.equal(breaker.begin(household), undefined)
      const end = breaker.begin('192.0.2.2') ?? assert.fail('another one is left to wait')
      end('unasked')
    }
    breaker.begin('192.0.2.2')?.(alive)
    assert.equal(breaker.state(), 'closed')
  })

  it('opens anew when the trials of five households fail', () => {
    const { clock, breaker } = failing(5)
    clock.advance(30_000)
    for (const household of ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5'])
      breaker.begin(household)?.({ isAlive: false, household })
    assert.equal(breaker.begin('192.0.2.6'), undefined)
    assert.equal(breaker.state(), 'open')
  })
})

describe('an old server that fails', () => {
  const fake = useFakeServer()

  it('is left alone after the fifth time, and asked again when it has had time', async () => {
    const clock = createClock()
    const oldServer = oldServerAt(fake.origin, wolfpal, { now: clock.now })
    fake.answer = breakDown
    for (let count = 0; count < 5; count++) {
      const answer = await oldServer.checkPassword(question)
      assert.deepEqual(answer, { outcome: 'failed', why: 'server_error', status: 500 })
    }
    assert.deepEqual(await oldServer.checkPassword(question), resting)
    assert.equal(fake.asked.length, 5)
    assert.equal(oldServer.state().breaker, 'open')

    fake.answer = sayWrong
    clock.advance(30_000)
    assert.deepEqual(await oldServer.checkPassword(question), wrong)
    assert.deepEqual(await oldServer.checkPassword(question), wrong)
    await oldServer.close()
  })

  it('is asked on for all others while what one address asks makes it fail', async () => {
    const oldServer = oldServerAt(fake.origin, wolfpal)
    const ask = (address: string) => oldServer.checkPassword({ ...question, address })
    fake.answer = breakDown
    for (let count = 0; count < 10; count++) await ask('192.0.2.1')
    assert.equal(fake.asked.length, 10)
    for (const last of [2, 3, 4, 5]) await ask(`192.0.2.${last}`)
    assert.deepEqual(await ask('192.0.2.6'), resting)
    await oldServer.close()
  })

  it('is asked on for all others while what one address asks has it hang up or say nothing', async () => {
    const oldServer = oldServerAt(fake.origin, wolfpal, { timeoutMs: 50 })
    const ask = (address: string) => oldServer.checkPassword({ ...question, address })
    for (const answer of [(response: ServerResponse) => response.destroy(), () => {}]) {
      fake.answer = (response) => void answer(response)
      await Promise.all(Array.from({ length: 5 }, () => ask('192.0.2.1')))
      assert.equal(oldServer.state().breaker, 'closed')
    }
    await oldServer.close()
  })

  it('is asked on while it refuses, as whoever asks may have asked for nonsense', async () => {
    const oldServer = oldServerAt(fake.origin, wolfpal)
    for (const status of [400, 404, 422, 429]) {
      fake.answer = (response) => sendJson(response, status, {})
      for (let count = 0; count < 6; count++) await oldServer.checkPassword(question)
      assert.equal(fake.asked.length, 6)
    }
    await oldServer.close()
  })
})

describe('an old server', () => {
  const fake = useFakeServer()

  it('is asked no more often in a minute than is allowed', async () => {
    const clock = createClock()
    const oldServer = oldServerAt(fake.origin, wolfpal, { now: clock.now, perMinute: 2 })
    fake.answer = sayWrong
    assert.deepEqual(await oldServer.checkPassword(question), wrong)
    clock.advance(20_000)
    assert.deepEqual(await oldServer.checkPassword(question), wrong)
    assert.deepEqual(await oldServer.checkPassword(question), { outcome: 'busy', retryAfterSeconds: 40 })
    clock.advance(40_000)
    assert.deepEqual(await oldServer.checkPassword(question), wrong)
    assert.deepEqual(await oldServer.checkPassword(question), { outcome: 'busy', retryAfterSeconds: 20 })
    assert.equal(fake.asked.length, 3)
    await oldServer.close()
  })

  it('is asked so many at a time, with places for twice as many that wait', async () => {
    const oldServer = oldServerAt(fake.origin, wolfpal, { concurrency: 2 })
    const earlier = fake.connections
    const held: ServerResponse[] = []
    fake.answer = (response) => {
      held.push(response)
      notify()
    }
    const ask = (number: number) => oldServer.checkPassword({ ...question, address: `192.0.2.${number}` })
    const asked = [1, 2, 3, 4, 5, 6].map(ask)
    await eventually('two requests', () => (held.length === 2 ? held : undefined))
    assert.deepEqual(oldServer.state(), { running: 2, waiting: 4, breaker: 'closed' })
    assert.deepEqual(await ask(7), { outcome: 'busy', retryAfterSeconds: 2 })
    fake.answer = sayWrong
    for (const response of held) sayWrong(response)
    assert.deepEqual(
      await Promise.all(asked),
      asked.map(() => wrong),
    )
    assert.equal(fake.connections - earlier, 2)
    await oldServer.close()
  })

  it('gives its answer before the session there is ended, which holds the turn until then', async () => {
    const outcomes: string[] = []
    const observer: OldServerObserver = {
      answered: ({ outcome }, { startedAt, endedAt }) => {
        assert.ok(endedAt >= startedAt)
        outcomes.push(outcome)
      },
      signedOut: (isDone) => outcomes.push(`signed out: ${isDone}`),
      state: (read) => assert.equal(read().breaker, 'closed'),
    }
    const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>()
    const upstream: Upstream = {
      checkPassword: async () => ({ outcome: 'right', profile: { id: '7' }, signOut: () => mayEnd }),
    }
    const oldServer = oldServerAt(fake.origin, upstream, { observer })
    assert.deepEqual(await oldServer.checkPassword(question), { outcome: 'right', profile: { id: '7' } })
    assert.deepEqual(outcomes, ['right'])
    assert.equal(oldServer.state().running, 1)
    end()
    await oldServer.close()
    assert.deepEqual(outcomes, ['right', 'signed out: true'])
    assert.equal(oldServer.state().running, 0)
  })

  it('is right whatever comes of the sign-out', async () => {
    const ended: boolean[] = []
    const observer = {
      answered: () => {},
      state: () => {},
      signedOut: (isDone: boolean) => void ended.push(isDone),
    }
    fake.answer = (response, { path }) => {
      if (path === '/auth/login') sendJson(response, 200, { access_token: 'token' })
      else breakDown(response)
    }
    const oldServer = oldServerAt(fake.origin, wolfpal, { observer })
    assert.deepEqual(await oldServer.checkPassword(question), {
      outcome: 'right',
      profile: {},
      isProfileMissing: true,
    })
    await oldServer.close()
    assert.deepEqual(ended, [false])
  })

  it('is shown to nobody when its dialect stumbles', async () => {
    const upstream: Upstream = {
      checkPassword: async (_ask, _identifier, password) => {
        throw new Error(`what is ${password}`)
      },
    }
    const oldServer = oldServerAt(fake.origin, upstream)
    assert.deepEqual(await oldServer.checkPassword(question), { outcome: 'failed', why: 'unexpected' })
    await oldServer.close()
  })

  it('says of an account nothing that cannot be kept', async () => {
    const answerOf = async (profile: object): Promise<PasswordAnswer> => {
      const upstream: Upstream = { checkPassword: async () => ({ outcome: 'right', profile }) }
      const oldServer = oldServerAt(fake.origin, upstream)
      const answer = await oldServer.checkPassword(question)
      await oldServer.close()
      return answer
    }
    const good = {
      id: 'auth0|7',
      email: 'Ada@Example.com',
      emailVerified: true,
      username: 'Ada',
      phone: '+4791234567',
    }
    const names = { firstName: 'Ada', lastName: 'Lovelace', fullName: 'Ada Lovelace' }
    assert.deepEqual(await answerOf({ ...good, names }), { outcome: 'right', profile: { ...good, names } })
    const bad = {
      id: 'x'.repeat(256),
      email: 'ada',
      emailVerified: true,
      username: 'a\0',
      phone: '0',
      names: { firstName: ' ', lastName: 'a\nb', fullName: 'x'.repeat(101) },
    }
    assert.deepEqual(await answerOf(bad), { outcome: 'right', profile: {} })
    for (const username of ['grace@example.com', '+4791234567', 'email:grace', 'Gra\u200bce'])
      assert.deepEqual(await answerOf({ username }), { outcome: 'right', profile: {} }, username)
  })

  it('has to have an address that may be asked', () => {
    const settings = {
      upstream: wolfpal,
      allowPrivate: false,
      forwardAddress: false,
      timeoutMs: 1,
      concurrency: 1,
    }
    const create = (origin: string) => createOldServer({ ...settings, perMinute: 1, now: () => 0, origin })
    assert.throws(() => create('https://10.0.0.1'), /the old server's address/)
  })
})
