import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PasswordAnswer, UpstreamProfile } from '../../src/core/switching/upstream.ts'
import { dialects } from '../../src/dialects/registry.ts'
import { key } from '../dialects/credebl/studio-encryption.ts'
import { doorSettings, password, serviceKey } from '../dialects/gotrue/auth-js.ts'
import { app, freshPhone, register as registerPhone } from '../dialects/vastly/door.ts'
import { freshPerson, register, registerWithSecondFactor } from '../dialects/wolfpal/door.ts'
import { register as registerNamed } from '../harness/doors.ts'
import { freshEmail, type TestServer, useServer } from '../harness/harness.ts'
import { unendedSessions } from '../harness/stored-sessions.ts'
import { askOnce, upstreamOf } from './ask.ts'

const options: Record<string, Record<string, unknown>> = {
  vastly: { clientId: app.id, origin: app.origin },
}
/** What each old server says of somebody who has proven an address. */
const shown: Record<string, (person: { email: string; username: string }) => UpstreamProfile> = {
  minbil: ({ email }) => ({ email, emailVerified: true }),
  credebl: ({ email, username }) => ({ email, emailVerified: true, username }),
  wolfpal: ({ email, username }) => ({ email, emailVerified: true, username }),
  pm2: ({ email, username }) => ({ email, emailVerified: true, username }),
  vastly: ({ email }) => ({ email }),
  gotrue: ({ email }) => ({ email, emailVerified: true }),
}
/** Where the old server goes on with the second factor by a challenge. */
const challenging = ['minbil', 'credebl', 'wolfpal', 'vastly']
/** What a right password of an unproven address gets: at some doors nobody is let in, at the others it is shown. */
const unproven: Record<string, (answer: PasswordAnswer) => unknown> = {
  minbil: isShownUnproven,
  credebl: isRefusedUnproven,
  wolfpal: isRefusedUnproven,
  pm2: isShownUnproven,
  gotrue: isRefusedUnproven,
  vastly: (answer) => answer.outcome === 'right' && answer.profile.emailVerified === undefined,
}

function isShownUnproven(answer: PasswordAnswer): boolean {
  return answer.outcome === 'right' && answer.profile.emailVerified === false && !answer.isUnconfirmed
}

function isRefusedUnproven(answer: PasswordAnswer): boolean {
  return answer.outcome === 'right' && answer.isUnconfirmed === true
}

function ask(server: TestServer, name: string, email: string, password: string): Promise<PasswordAnswer> {
  const upstream = upstreamOf(name, {}, options[name])
  return askOnce(server.url, upstream, { identifier: { email }, password })
}

for (const name of dialects.map(({ door }) => door.dialect)) {
  describe(`an old server of ${name}`, () => {
    const server = useServer('sqlite')
    const limited = useServer('sqlite', { limits: { 'sign-in-account-at-address': 1 } })

    it('knows a right password and whose it is, and keeps no session of the question', async () => {
      const person = await register(server)
      const answer = await ask(server, name, person.email, person.password)
      assert.equal(answer.outcome, 'right')
      const { id, ...profile } = answer.outcome === 'right' ? answer.profile : {}
      assert.deepEqual(profile, shown[name]?.(person))
      assert.match(id ?? '', /^[\da-f-]{36}$/)
      assert.deepEqual(await unendedSessions(server.env.DATABASE_URL ?? '', person.email), [])
    })

    it('knows a wrong password, and nobody whom it does not know', async () => {
      const { email, password } = await register(server)
      assert.deepEqual(await ask(server, name, email, `${password}.`), { outcome: 'wrong' })
      assert.deepEqual(await ask(server, name, freshEmail(), password), { outcome: 'wrong' })
    })

    it('knows a right password of an address that nobody has proven', async () => {
      const person = freshPerson()
      const signedUp = await server.request('POST', '/api/co/auth/sign-up', { json: person })
      assert.equal(signedUp.status, 201, signedUp.text)
      const answer = await ask(server, name, person.email, person.password)
      assert.ok(unproven[name]?.(answer), JSON.stringify(answer))
      assert.deepEqual(await ask(server, name, person.email, 'wrong-password'), { outcome: 'wrong' })
    })

    it('wants a second factor only once the password was right', async () => {
      const { email, password } = await registerWithSecondFactor(server)
      const answer = await ask(server, name, email, password)
      assert.equal(answer.outcome, 'right')
      const { challenge = '' } = (answer.outcome === 'right' && answer.secondFactor) || assert.fail()
      assert.match(challenge, challenging.includes(name) ? /^[0-9A-Za-z]{64}$/ : /^$/)
      assert.deepEqual(await ask(server, name, email, 'wrong-password'), { outcome: 'wrong' })
    })

    it('says of nobody that the password is wrong when it has had enough', async () => {
      const { email, password } = await register(limited)
      assert.deepEqual(await ask(limited, name, email, 'wrong-password'), { outcome: 'wrong' })
      const answer = await ask(limited, name, email, password)
      assert.equal(answer.outcome, 'busy')
      const { retryAfterSeconds = 0 } = answer.outcome === 'busy' ? answer : {}
      assert.ok(retryAfterSeconds > 0 && retryAfterSeconds <= 900, String(retryAfterSeconds))
    })
  })
}

describe('an old server of gotrue with phones', () => {
  const server = useServer('sqlite', { yaml: doorSettings({ phone: true }) })

  it('says whether a number is proven', async () => {
    for (const [phone, phone_confirm] of [
      ['+4791234501', true],
      ['+4791234502', false],
    ] as const) {
      const json = { phone, password, phone_confirm }
      const opened = await server.request('POST', '/auth/v1/admin/users', { bearer: serviceKey, json })
      assert.equal(opened.status, 200, opened.text)
      const asked = { identifier: { phone }, password }
      const answer = await askOnce(server.url, upstreamOf('gotrue', {}), asked)
      if (!phone_confirm) {
        assert.deepEqual(answer, { outcome: 'right', profile: {}, isUnconfirmed: true })
        continue
      }
      assert.equal(answer.outcome, 'right')
      const { id: _id, ...profile } = answer.outcome === 'right' ? answer.profile : {}
      assert.deepEqual(profile, { phone, phoneVerified: true })
    }
  })
})

describe('an old server of credebl with a key', () => {
  const server = useServer('sqlite', { env: { CREDEBL_PASSWORD_KEY: key } })
  const question = (email: string, password: string) => ({ identifier: { email }, password })

  it('gets passwords encrypted with it, whatever is in them', async () => {
    const upstream = upstreamOf('credebl', { passwordKey: key })
    const password = 'pässwörd 🐎 " \\ \n'
    const { email } = await registerNamed(server, { email: freshEmail(), password })
    const answer = await askOnce(server.url, upstream, question(email, password))
    assert.equal(answer.outcome, 'right')
    const { names } = answer.outcome === 'right' ? answer.profile : {}
    assert.deepEqual(names, { firstName: 'Ada', lastName: 'Example' })
    assert.deepEqual(await askOnce(server.url, upstream, question(email, `${password}.`)), {
      outcome: 'wrong',
    })
  })

  it('takes none for encrypted that only looks so', async () => {
    const [email, password] = [freshEmail(), 'U2FsdGVkX182ExA3H6GdoQA5LhqpmREQYspkjKMPgP8=']
    const signedUp = await server.request('POST', '/api/co/auth/sign-up', { json: { email, password } })
    assert.equal(signedUp.status, 201, signedUp.text)
    for (const passwordKey of [key, undefined]) {
      const answer = await askOnce(
        server.url,
        upstreamOf('credebl', { passwordKey }),
        question(email, password),
      )
      assert.equal(answer.outcome, 'right')
    }
  })
})

describe('an old server of vastly', () => {
  const server = useServer('sqlite')

  it('knows people by their numbers, too', async () => {
    const mobile = freshPhone()
    await registerPhone(server, { mobile })
    const upstream = upstreamOf('vastly', {}, options.vastly)
    const question = { identifier: { phone: mobile }, password: 'StrongPass123!' }
    const answer = await askOnce(server.url, upstream, question)
    assert.equal(answer.outcome === 'right' && answer.profile.phone, mobile)
  })

  it('calls no password wrong because it does not know the client', async () => {
    const { email, password } = await register(server)
    const upstream = upstreamOf('vastly', {}, { clientId: 'unknown', origin: app.origin })
    const answer = await askOnce(server.url, upstream, { identifier: { email }, password })
    assert.deepEqual(answer, { outcome: 'failed', why: 'unexpected', status: 401 })
  })

  it('is asked with no settings that say nothing', () => {
    assert.throws(() => upstreamOf('vastly', {}, {}))
    assert.throws(() => upstreamOf('vastly', {}, { ...options.vastly, pth: '/login' }))
  })
})
