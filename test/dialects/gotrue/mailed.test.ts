import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { select } from '../../harness/database.ts'
import { claimsOf, freshEmail, onEveryEngine, type TestServer, useServer } from '../../harness/harness.ts'
import { endOfJobs } from '../../harness/jobs.ts'
import {
  ask,
  assertRefused,
  codeIn,
  confirmedAccount,
  mailFor,
  post,
  signIn,
  signUp,
  tokenIn,
  verify,
  wrongCode,
} from './mails.ts'

const minute = 60_000
const day = 24 * 60 * minute
const deadCode = 'Token has expired or is invalid'
const deadLink = 'Email link is invalid or has expired'

onEveryEngine('mails of gotrue', (engine) => {
  const server = useServer(engine)
  describe('a sign-up', () => signUpTests(server))
  describe('a magic link', () => magicLinkTests(server))
  describe('a recovery', () => recoveryTests(server))
  describe('a code', () => codeTests(server))
})

function signUpTests(server: TestServer): void {
  it('is confirmed by the code, once, and as it stands', async () => {
    const email = freshEmail()
    const code = codeIn(await signUp(server, email, { data: { name: 'Ada' } }))
    const { status, body, text } = await verify(server, { type: 'signup', email, token: code })
    assert.equal(status, 200, text)
    assert.ok(body.user.email_confirmed_at)
    assert.equal(body.user.user_metadata.name, 'Ada')
    assert.deepEqual(
      claimsOf(body.access_token).amr.map(({ method }: { method: string }) => method),
      ['otp'],
    )
    assert.equal((await ask(server, body.access_token)).status, 200)
    assertRefused(await verify(server, { type: 'signup', email, token: code }), 403, 'otp_expired', deadCode)
    assert.equal((await signIn(server, email)).status, 200)
  })

  it('is confirmed by the link, once', async () => {
    const email = freshEmail()
    const token_hash = tokenIn(await signUp(server, email))
    assert.equal((await verify(server, { type: 'email', token_hash })).status, 200)
    assertRefused(await verify(server, { type: 'email', token_hash }), 403, 'otp_expired', deadLink)
  })

  it('is sent again to who waits for it, and then the first code is dead', async () => {
    const email = freshEmail()
    const first = codeIn(await signUp(server, email))
    const again = await mailFor(server, { path: '/resend', about: 'signup', type: 'signup', email })
    const type = 'signup'
    if (first !== codeIn(again)) assertRefused(await verify(server, { type, email, token: first }), 403)
    assert.equal((await verify(server, { type, email, token: codeIn(again) })).status, 200)
    assert.deepEqual((await post(server, '/resend', { type, email })).body, {})
    assert.deepEqual((await post(server, '/resend', { type, email: freshEmail() })).body, {})
    await endOfJobs(server)
    const mails = (await server.mailbox()).filter(({ to }) => to === email)
    assert.equal(mails.length, 2)
  })

  it('is not confirmed after a day', async () => {
    const email = freshEmail()
    const mail = await signUp(server, email)
    server.clock.advance(day)
    assertRefused(await verify(server, { type: 'signup', email, token: codeIn(mail) }), 403)
    assertRefused(await verify(server, { type: 'signup', token_hash: tokenIn(mail) }), 403)
  })
}

function magicLinkTests(server: TestServer): void {
  const mail = (email: string, more: object = {}) =>
    mailFor(server, { path: '/otp', about: 'magiclink', email, ...more })

  it('opens an account when it is used, and not before', async () => {
    const email = freshEmail()
    const sent = await mail(email, { data: { plan: 'free' } })
    assertRefused(await signIn(server, email), 400, 'invalid_credentials')
    const { status, body, text } = await verify(server, { type: 'email', email, token: codeIn(sent) })
    assert.equal(status, 200, text)
    assert.equal(body.user.email, email)
    assert.ok(body.user.email_confirmed_at)
    assert.equal(body.user.user_metadata.plan, 'free')
    assertRefused(await verify(server, { type: 'email', token_hash: tokenIn(sent) }), 403, 'otp_expired')
  })

  it('signs in to an account that is there, which keeps what it holds', async () => {
    const { email, id } = await confirmedAccount(server, { data: { name: 'Ada' } })
    const sent = await mail(email, { data: { name: 'Mallory' } })
    const { body } = await verify(server, { type: 'magiclink', token_hash: tokenIn(sent) })
    assert.equal(body.user.id, id)
    assert.equal(body.user.user_metadata.name, 'Ada')
    assert.equal((await signIn(server, email)).status, 200)
  })

  it('is sent to nobody unknown where no account is wanted', async () => {
    const email = freshEmail()
    const answer = await post(server, '/otp', { email, create_user: false })
    assert.deepEqual([answer.status, answer.body], [200, {}])
    await endOfJobs(server)
    assert.ok(!(await server.mailbox()).some(({ to }) => to === email))
    const { email: known } = await confirmedAccount(server)
    await mail(known, { create_user: false })
  })

  it('takes an account over that somebody else has opened', async () => {
    const email = freshEmail()
    await signUp(server, email, { password: 'the-squatters-password' })
    const sent = await mail(email)
    const { body } = await verify(server, { type: 'magiclink', token_hash: tokenIn(sent) })
    assert.ok(body.user.email_confirmed_at, JSON.stringify(body))
    assertRefused(await signIn(server, email, 'the-squatters-password'), 400, 'invalid_credentials')
  })

  it('gives way to a newer one', async () => {
    const email = freshEmail()
    const first = await mail(email)
    const second = await mail(email)
    assertRefused(await verify(server, { type: 'email', token_hash: tokenIn(first) }), 403)
    assert.equal((await verify(server, { type: 'email', token_hash: tokenIn(second) })).status, 200)
  })

  it('opens nothing for two who use it at once', async () => {
    const sent = await mail(freshEmail())
    const token_hash = tokenIn(sent)
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => verify(server, { type: 'email', token_hash })),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 403, 403, 403])
  })
}

function recoveryTests(server: TestServer): void {
  const mail = (email: string) => mailFor(server, { path: '/recover', about: 'recovery', email })

  it('signs in by the code, and leaves other sessions and the password alone', async () => {
    const { email, access } = await confirmedAccount(server)
    const token = codeIn(await mail(email))
    const { status, body, text } = await verify(server, { type: 'recovery', email, token })
    assert.equal(status, 200, text)
    assert.equal((await ask(server, body.access_token)).status, 200)
    assert.equal((await ask(server, access)).status, 200)
    assert.equal((await signIn(server, email)).status, 200)
  })

  it('is not sent to nobody, who is answered alike', async () => {
    const email = freshEmail()
    const answer = await post(server, '/recover', { email })
    assert.deepEqual([answer.status, answer.body], [200, {}])
    await endOfJobs(server)
    assert.ok(!(await server.mailbox()).some(({ to }) => to === email))
  })

  it('takes an unproven account over', async () => {
    const email = freshEmail()
    await signUp(server, email, { password: 'the-squatters-password' })
    const sent = await mail(email)
    const { status } = await verify(server, { type: 'recovery', token_hash: tokenIn(sent) })
    assert.equal(status, 200)
    assertRefused(await signIn(server, email, 'the-squatters-password'), 400, 'invalid_credentials')
  })

  it('is not taken for something else', async () => {
    const { email } = await confirmedAccount(server)
    const sent = await mail(email)
    for (const type of ['signup', 'magiclink', 'email', 'invite']) {
      assertRefused(await verify(server, { type, token_hash: tokenIn(sent) }), 403)
      assertRefused(await verify(server, { type, email, token: codeIn(sent) }), 403)
    }
    assert.equal((await verify(server, { type: 'recovery', email, token: codeIn(sent) })).status, 200)
  })
}

function codeTests(server: TestServer): void {
  it('is dead after five wrong ones, and its link is not', async () => {
    const email = freshEmail()
    const sent = await signUp(server, email)
    const type = 'signup'
    for (let guess = 0; guess < 5; guess++)
      assertRefused(await verify(server, { type, email, token: wrongCode(sent) }), 403, 'otp_expired')
    assertRefused(await verify(server, { type, email, token: codeIn(sent) }), 403, 'otp_expired')
    assert.equal((await verify(server, { type, token_hash: tokenIn(sent) })).status, 200)
  })

  it('is judged five times however many come at once', async () => {
    const email = freshEmail()
    const sent = await signUp(server, email)
    const guesses = Array.from({ length: 12 }, () =>
      verify(server, { type: 'signup', email, token: wrongCode(sent) }),
    )
    for (const answer of await Promise.all(guesses)) assertRefused(answer, 403, 'otp_expired')
    assertRefused(await verify(server, { type: 'signup', email, token: codeIn(sent) }), 403, 'otp_expired')
  })

  it('is of one mailbox', async () => {
    const [email, other] = [freshEmail(), freshEmail()]
    const code = codeIn(await signUp(server, email))
    const theirs = await signUp(server, other)
    if (codeIn(theirs) !== code)
      assertRefused(await verify(server, { type: 'signup', email: other, token: code }), 403)
    assert.equal((await verify(server, { type: 'signup', email, token: code })).status, 200)
  })

  it('is refused in the same way for nobody, for what is no code, and without what it takes', async () => {
    const email = freshEmail()
    for (const token of ['123456', '1', 'x'.repeat(500)])
      assertRefused(await verify(server, { type: 'email', email, token }), 403, 'otp_expired', deadCode)
    const bad = [
      { token: '123456', email },
      { type: 'email', email },
      { type: 'email', token: '123456' },
      { type: 'email', token: '123456', token_hash: 'x', email },
      { type: 'nonsense', token: '123456', email },
      { type: 'email', token: '123456', email: 'nobody' },
      { type: 'sms', token: '123456', phone: '1234567890-invalid' },
    ]
    for (const json of bad) assertRefused(await verify(server, json), 400, 'validation_failed')
    const phone = await verify(server, { type: 'sms', token: '123456', phone: '12345678901' })
    assertRefused(phone, 403, 'otp_expired', deadCode)
  })

  it('is in no row of the database and no line of the log, and neither is the link', async () => {
    const email = freshEmail()
    const sent = await signUp(server, email)
    const [code, token] = [codeIn(sent), tokenIn(sent)]
    await endOfJobs(server)
    const lines = server.log.map((line) => JSON.stringify(line)).filter((line) => line.includes(email))
    const rows = await select(server.env.DATABASE_URL ?? '', 'select payload, hash from tickets')
    const jobs = await select(server.env.DATABASE_URL ?? '', 'select payload from jobs')
    for (const text of [...lines, ...[...rows, ...jobs].map((row) => JSON.stringify(row))]) {
      assert.ok(!text.includes(token))
      assert.doesNotMatch(text, new RegExp(`(?<![\\w-])${code}(?![\\w-])`))
    }
  })
}

describe('limits of mailed codes', () => {
  const server = useServer('sqlite', { limits: { 'mailed-code-account': 7 } })

  it('hold for a mailbox over all its codes, whoever has more of them sent', async () => {
    const email = freshEmail()
    const first = await signUp(server, email)
    const guess = (token: string) => verify(server, { type: 'signup', email, token })
    for (let count = 0; count < 4; count++) assertRefused(await guess(wrongCode(first)), 403)
    const second = await mailFor(server, { path: '/resend', about: 'signup', type: 'signup', email })
    for (let count = 0; count < 3; count++) assertRefused(await guess(wrongCode(second)), 403)
    assertRefused(await guess(codeIn(second)), 403, 'otp_expired')
    assert.equal((await verify(server, { type: 'signup', token_hash: tokenIn(second) })).status, 200)
  })

  it('begin anew with a right one', async () => {
    const email = freshEmail()
    const guess = (token: string) => verify(server, { type: 'email', email, token })
    for (let round = 0; round < 3; round++) {
      const sent = await mailFor(server, { path: '/otp', about: 'magiclink', email })
      for (let count = 0; count < 4; count++) assertRefused(await guess(wrongCode(sent)), 403)
      assert.equal((await guess(codeIn(sent))).status, 200)
    }
  })
})

describe('mails where sign-ups are closed', () => {
  const server = useServer('sqlite', { dialects: { gotrue: { registration: 'off' } } })

  it('open no account', async () => {
    const email = freshEmail()
    assert.deepEqual((await post(server, '/otp', { email })).body, {})
    await endOfJobs(server)
    assert.ok(!(await server.mailbox()).some(({ to }) => to === email))
  })
})
