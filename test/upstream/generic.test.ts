import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Identifier } from '../../src/core/accounts/identifiers.ts'
import { genericUpstream } from '../../src/upstream/generic.ts'
import { type GenericSettings, genericSettings } from '../../src/upstream/generic-settings.ts'
import { readPointer } from '../../src/upstream/json-pointer.ts'
import { askOnce } from './ask.ts'
import { sendJson, useFakeServer } from './fake-server.ts'

const settings: GenericSettings = {
  path: '/session/new',
  body: {
    user: { login: '{identifier}', email: '{email}', tags: ['{phone}', 7] },
    secret: '{password}',
    v: 2,
  },
  headers: { 'x-app': 'web' },
  right: { status: 201, pointer: '/data/ok', equals: true },
  wrong: [{ status: 422, pointer: '/error/code', equals: 'bad_login' }, { status: 410 }],
  unconfirmed: { status: 403, pointer: '/error/code', equals: 'unconfirmed' },
  secondFactor: { status: 201, pointer: '/data/otp', challenge: '/data/ticket' },
  token: '/data/token',
  profilePath: '/me',
  profile: { id: '/0/id', email: '/0/mail', emailVerified: '/0/verified_at', fullName: '/0/na~1me' },
  signOutPath: '/session/end',
}
const email = 'ada@example.com'

describe('an old server as its operator describes it', () => {
  const fake = useFakeServer()
  const ask = (identifier: Identifier = { email }, described = settings) =>
    askOnce(fake.origin, genericUpstream(genericSettings.parse(described)), {
      identifier,
      password: '{email}',
    })
  const answering = (status: number, json: unknown) => {
    fake.answer = (response) => sendJson(response, status, json)
  }

  it('is asked as that says, for the profile, too, and is signed out of', async () => {
    fake.answer = (response, { path }) => {
      if (path === '/me') sendJson(response, 200, [{ id: 7, mail: email, verified_at: null, 'na/me': 'Ada' }])
      else sendJson(response, 201, { data: { ok: true, token: 'abc' } })
    }
    const answer = await ask()
    const profile = { id: '7', email, emailVerified: false, names: { fullName: 'Ada' } }
    assert.deepEqual(answer, { outcome: 'right', profile })
    const [login, ...others] = fake.asked
    assert.deepEqual(JSON.parse(login?.body ?? ''), {
      // What was typed is no template.
      secret: '{email}',
      user: { login: email, email, tags: [null, 7] },
      v: 2,
    })
    assert.deepEqual(
      others.map(({ method, path, headers }) => [method, path, headers.authorization, headers['x-app']]),
      [
        ['GET', '/me', 'Bearer abc', 'web'],
        ['POST', '/session/end', 'Bearer abc', 'web'],
      ],
    )
  })

  it('takes an address for proven by a flag or a time alone, also where these are text', async () => {
    const flagOf = async (verified_at: unknown) => {
      fake.answer = (response, { path }) => {
        if (path === '/me') sendJson(response, 200, [{ id: 7, mail: email, verified_at }])
        else sendJson(response, 201, { data: { ok: true, token: 'abc' } })
      }
      const answer = await ask()
      return answer.outcome === 'right' && answer.profile.emailVerified
    }
    for (const said of [true, 1, '1', 'true', '2024-03-01T08:15:30Z', 1709280930])
      assert.equal(await flagOf(said), true, JSON.stringify(said))
    for (const unsaid of [false, 0, null, '', '0', 'False', 'no', 'NULL', '0000-00-00 00:00:00'])
      assert.equal(await flagOf(unsaid), false, JSON.stringify(unsaid))
  })

  it('has not said whose the password is where the id is not at its place', async () => {
    fake.answer = (response, { path }) =>
      sendJson(response, path === '/me' ? 429 : 201, { data: { ok: true } })
    assert.deepEqual(await ask(), { outcome: 'right', profile: {}, isProfileMissing: true })
    const { profile: _profile, ...anonymous } = settings
    assert.deepEqual(await ask({ email }, anonymous), { outcome: 'right', profile: {} })
  })

  it('is told apart by what stands in its answers', async () => {
    answering(422, { error: { code: 'bad_login' } })
    assert.deepEqual(await ask(), { outcome: 'wrong' })
    answering(410, {})
    assert.deepEqual(await ask(), { outcome: 'wrong' })
    answering(403, { error: { code: 'unconfirmed' } })
    assert.deepEqual(await ask(), { outcome: 'right', profile: {}, isUnconfirmed: true })
    answering(201, { data: { ok: true, otp: 'totp', ticket: 't' } })
    assert.deepEqual(await ask(), { outcome: 'right', profile: {}, secondFactor: { challenge: 't' } })
  })

  it('says nothing of a password by any other answer', async () => {
    const others: [status: number, json: unknown][] = [
      [201, { data: { ok: 'true' } }],
      [200, { data: { ok: true } }],
      [422, { error: { code: 'other' } }],
      [422, null],
      [403, {}],
      [401, {}],
    ]
    for (const [status, json] of others) {
      answering(status, json)
      assert.deepEqual(await ask(), { outcome: 'failed', why: 'unexpected', status })
    }
  })

  it('knows nobody by what it has no field for, and is not asked', async () => {
    answering(201, { data: { ok: true } })
    const byEmail = { ...settings, body: { mail: '{email}', secret: '{password}' } }
    assert.deepEqual(await ask({ phone: '+4791234567' }, byEmail), { outcome: 'wrong' })
    assert.deepEqual(fake.asked, [])
  })

  it('gets a form where it wants one', async () => {
    answering(410, {})
    const described = {
      ...settings,
      encoding: 'form' as const,
      body: { login: '{identifier}', p: '{password}' },
    }
    assert.deepEqual(await ask({ username: 'a&b=c' }, described), { outcome: 'wrong' })
    assert.equal(fake.asked[0]?.body, 'login=a%26b%3Dc&p=%7Bemail%7D')
    assert.equal(fake.asked[0]?.headers['content-type'], 'application/x-www-form-urlencoded')
  })

  it('is described by nothing that leads elsewhere or cannot be', () => {
    for (const change of [
      { path: '//evil.example' },
      { path: 'login' },
      { profilePath: '/\\evil.example' },
      { headers: { Host: 'evil.example' } },
      { headers: { 'x-app': 'a\r\nb: c' } },
      { right: { status: 500 } },
      { wrong: [] },
      { token: 'token' },
      { unknown: 1 },
    ]) {
      const { success } = genericSettings.safeParse({ ...settings, ...change })
      assert.equal(success, false, JSON.stringify(change))
    }
  })

  it('is read by pointers that find nothing but what is there', () => {
    const value = JSON.parse('{"a":[{"b/c":1,"~":2}],"":3}')
    assert.equal(readPointer(value, '/a/0/b~1c'), 1)
    assert.equal(readPointer(value, '/a/0/~0'), 2)
    assert.equal(readPointer(value, '/'), 3)
    assert.equal(readPointer(value, ''), value)
    for (const pointer of ['/a/1', '/a/length/x', '/constructor', '/a/0/toString', '/b/c'])
      assert.equal(readPointer(value, pointer), undefined, pointer)
  })
})
