import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { freshEmail, queryOf, useServer } from '../../harness/harness.ts'
import {
  assertAccessRefused,
  assertBody,
  assertProblem,
  assertRefreshRefused,
  password,
  post,
  refresh,
  resetLink,
  signIn,
  signUp,
} from './door.ts'

const sent = { message: 'If an account exists for this email, a password reset link has been sent.' }
const invalidLink = ['invalid_token', 'The link is invalid or has expired.'] as const
const another = 'another-password'

describe('minbil recovery', () => {
  const server = useServer('sqlite')

  const reset = (token: unknown, password: unknown = another) =>
    post(server, '/reset-password', { json: { token, password } })
  const newAccount = async (): Promise<string> => {
    const email = freshEmail()
    await signUp(server, email)
    return email
  }
  const resetToken = async (email: string) => queryOf(await resetLink(server, { email }), 'token')

  it('answers forgot-password alike whether or not there is an account, and mails the owner alone', async () => {
    const [known, unknown] = [await newAccount(), freshEmail()]
    for (const email of [unknown, known, ` ${known.toUpperCase()} `])
      assertBody(await post(server, '/forgot-password', { json: { email } }), 200, sent)
    await resetLink(server, { email: known })
    assert.deepEqual(
      (await server.mailbox()).filter((mail) => mail.to === unknown),
      [],
    )
  })

  it('refuses forgot-password without a usable email', async () => {
    for (const email of [undefined, null, '', 'no-address', 5]) {
      const answer = await post(server, '/forgot-password', { json: { email } })
      assertProblem(answer, 400, 'validation_error', 'A valid email is required.')
    }
  })

  it('mails a link to the hosted page, which sets the password', async () => {
    const email = await newAccount()
    const link = await resetLink(server, { email })
    assert.match(link, /^http:\/\/localhost:5000\/ui\/reset-password\?token=[\w-]{43,}$/)
    const { pathname, search } = new URL(link)
    const page = await server.request('GET', pathname + search)
    assert.equal(page.status, 200)
    const done = await server.request('POST', pathname, {
      form: { token: queryOf(link, 'token'), password: another },
    })
    assert.equal(done.status, 200)
    assert.equal((await post(server, '/sign-in', { json: { email, password: another } })).status, 200)
  })

  it('resets the password once, and ends every session', async () => {
    const email = await newAccount()
    const sessions = [await signIn(server, email), await signIn(server, email)]
    const token = await resetToken(email)
    const answer = await reset(token)
    assertBody(answer, 200, { message: 'Password has been reset.' })
    assert.deepEqual(answer.cookies, [], 'it opens no session')

    for (const { access, refresh: body } of sessions) {
      assertAccessRefused(await post(server, '/sign-out', { bearer: access }))
      assertRefreshRefused(await refresh(server, { bearer: access }))
      assertRefreshRefused(await refresh(server, { body }))
    }
    const old = await post(server, '/sign-in', { json: { email, password } })
    assertProblem(old, 401, 'invalid_credentials', 'Invalid email or password.')
    assertProblem(await reset(token, 'a-third-password'), 400, ...invalidLink)
    assert.equal((await post(server, '/sign-in', { json: { email, password: another } })).status, 200)
    await server.mail(email, /password for Minbil was changed/)
  })

  it('gives one of many who come with the same link their way', async () => {
    const email = await newAccount()
    const token = await resetToken(email)
    const passwords = Array.from({ length: 5 }, (_, index) => `password number ${index}`)
    const answers = await Promise.all(passwords.map((password) => reset(token, password)))
    const winners = passwords.filter((_, index) => answers[index]?.status === 200)
    assert.equal(winners.length, 1)
    for (const answer of answers) if (answer.status !== 200) assertProblem(answer, 400, ...invalidLink)
    const json = { email, password: winners[0] }
    assert.equal((await post(server, '/sign-in', { json })).status, 200)
  })

  it('takes the newest link and no earlier one', async () => {
    const email = await newAccount()
    const [first, second] = [await resetToken(email), await resetToken(email)]
    assertProblem(await reset(first), 400, ...invalidLink)
    await signIn(server, email)
    assert.equal((await reset(second)).status, 200)
  })

  it('takes a link for one hour', async () => {
    const [inTime, late] = [await newAccount(), await newAccount()]
    const tokens = [await resetToken(inTime), await resetToken(late)]
    server.clock.advance(3590_000)
    assert.equal((await reset(tokens[0])).status, 200)
    server.clock.advance(11_000)
    assertProblem(await reset(tokens[1]), 400, ...invalidLink)
    await signIn(server, late)
  })

  it('refuses a password that is too short, and leaves the link good', async () => {
    const email = await newAccount()
    const token = await resetToken(email)
    const short = 'Password must be at least 8 characters.'
    assertProblem(await reset(token, '1234567'), 400, 'validation_error', short)
    await signIn(server, email)
    assert.equal((await reset(token)).status, 200)
  })

  it('refuses what is no link of its own', async () => {
    const email = await newAccount()
    const { access, refresh: refreshToken } = await signIn(server, email)
    const verification = await server.mail(email, /Confirm your e-mail/)
    const verificationToken = queryOf(verification.links[0], 'token')
    for (const token of ['nonsense', access, refreshToken, verificationToken])
      assertProblem(await reset(token), 400, ...invalidLink)
    for (const token of [undefined, null, ''])
      assertProblem(await reset(token), 400, 'validation_error', 'A token is required.')
    assertProblem(await reset(5), 400, 'validation_error', 'The token must be text.')
    const missing = await post(server, '/reset-password', { json: { token: 'x' } })
    assertProblem(missing, 400, 'validation_error', 'A password is required.')
    await signIn(server, email)
  })
})
