import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Client } from '../../../src/core/clients/client.ts'
import { activationLink, resetLink } from '../../../src/dialects/wolfpal/links.ts'
import { select } from '../../harness/database.ts'
import { eventually } from '../../harness/events.ts'
import { freshEmail, mailCausedBy, onEveryEngine, queryOf, useServer } from '../../harness/harness.ts'
import {
  activationToken,
  assertBody,
  assertCode,
  assertFieldsRefused,
  badLink,
  freshPerson,
  login,
  register,
  send,
  signIn,
  signUp,
} from './door.ts'

const registered = [
  201,
  'PENDING_CONFIRMATION',
  'Please confirm your email address to complete the registration.',
] as const
const pending = [
  400,
  'PENDING_CONFIRMATION',
  'Your account must be activated before you can do that. Please check your email you signed up with.',
] as const
const resent = {
  code: 'PENDING_CONFIRMATION',
  message: 'Please check your email address to complete the registration.',
}
const taken = [409, 'ALREADY_EXISTS', 'This username or email already exists.'] as const

const refusedFields: [what: string, change: Record<string, unknown>, codes: Record<string, string>][] = [
  ['no user name', { username: undefined }, { username: 'REQUIRED' }],
  ['null for a user name', { username: null }, { username: 'REQUIRED' }],
  ['an empty user name', { username: '' }, { username: 'REQUIRED' }],
  ['a number for a user name', { username: 12345 }, { username: 'INVALID' }],
  ['a list of user names', { username: ['wolf'] }, { username: 'INVALID' }],
  ['a short user name', { username: 'ab' }, { username: 'NOT_LONG_ENOUGH' }],
  ['a long user name', { username: 'a'.repeat(29) }, { username: 'INVALID' }],
  ['a blank in the user name', { username: 'grey wolf' }, { username: 'INVALID_CHARACTERS' }],
  ['a sign in the user name', { username: 'grey_wolf' }, { username: 'INVALID_CHARACTERS' }],
  ['a foreign letter in the user name', { username: 'grøywolf' }, { username: 'INVALID_CHARACTERS' }],
  ['a line break after the user name', { username: 'greywolf\n' }, { username: 'INVALID_CHARACTERS' }],
  ['no email', { email: undefined }, { email: 'REQUIRED' }],
  ['an empty email', { email: '' }, { email: 'REQUIRED' }],
  ['no address for an email', { email: 'no-address' }, { email: 'INVALID' }],
  ['two addresses', { email: 'a@example.com,b@example.com' }, { email: 'INVALID' }],
  ['no password', { password: undefined }, { password: 'REQUIRED' }],
  ['an empty password', { password: '' }, { password: 'REQUIRED' }],
  ['a number for a password', { password: 1234567890 }, { password: 'INVALID' }],
  ['a short password', { password: '1234567' }, { password: 'NOT_LONG_ENOUGH' }],
  ['a long password', { password: 'a'.repeat(257) }, { password: 'INVALID' }],
  ['half a character in the password', { password: '12345678\ud83d' }, { password: 'INVALID_CHARACTERS' }],
]

onEveryEngine('signing up at wolfpal', (engine) => {
  const server = useServer(engine)

  for (const [what, change, codes] of refusedFields) {
    it(`refuses ${what}`, async () => {
      const person = freshPerson()
      const answer = await send(server, 'POST', '/auth/register', { json: { ...person, ...change } })
      assertFieldsRefused(answer, codes)
      await signUp(server, person)
    })
  }

  it('says in words what is wrong with every field', async () => {
    const json = { username: 'a!', email: 'x' }
    assertBody(await send(server, 'POST', '/auth/register', { json }), 400, {
      code: 400,
      codes: { password: 'REQUIRED', email: 'INVALID', username: 'NOT_LONG_ENOUGH' },
      errors: {
        password: 'Password is required.',
        email: 'Email is invalid.',
        username: 'Username is not long enough.',
      },
    })
    const short = await send(server, 'POST', '/auth/register', { json: { ...freshPerson(), password: 'a' } })
    assert.deepEqual(short.body.errors, { password: 'Password must be at least 8 characters.' })
  })

  it('takes the shortest and the longest of user names and passwords', async () => {
    const { email, username } = await register(server, {
      username: 'Wolfgang'.padEnd(28, 'x'),
      email: freshEmail(),
      password: '12345678',
    })
    const { access } = await signIn(server, { username, email, password: '12345678' })
    const { user } = (await send(server, 'GET', '/account', { bearer: access })).body
    assert.equal(user.username, 'Wolfgang'.padEnd(28, 'x'))
    assert.equal(user.slug, 'wolfgang'.padEnd(28, 'x'))
    await signIn(
      server,
      await register(server, { ...freshPerson(), username: 'w0f', password: '🐺'.repeat(256) }),
    )
  })

  it('refuses a user name that is taken, in any case', async () => {
    const { username } = await signUp(server)
    for (const again of [username, username.toUpperCase()]) {
      const json = { ...freshPerson(), username: again }
      assertCode(await send(server, 'POST', '/auth/register', { json }), ...taken)
      assertCode(
        await login(server, json),
        400,
        'INVALID_CREDENTIALS',
        'Either email or password is invalid.',
      )
    }
  })

  it('gives a user name to one of many who ask for it at once', async () => {
    const { username } = freshPerson()
    const people = Array.from({ length: 20 }, () => ({ ...freshPerson(), username }))
    const answers = await Promise.all(people.map((json) => send(server, 'POST', '/auth/register', { json })))
    const winners = answers.filter(({ status }) => status === 201)
    assert.equal(winners.length, 1)
    for (const answer of answers) if (answer.status !== 201) assertCode(answer, ...taken)
  })

  it('does not tell that an email is taken, except to its owner', async () => {
    const owner = await register(server)
    const stranger = {
      ...freshPerson(),
      email: ` ${owner.email.toUpperCase()} `,
      password: 'their own password',
    }
    await mailCausedBy(server, { to: owner.email, subject: /^You already have an account/ }, async () =>
      assertCode(await send(server, 'POST', '/auth/register', { json: stranger }), ...registered),
    )
    const confirmations = (await server.mailbox()).filter(
      ({ to, subject }) => to === owner.email && /^Confirm/.test(subject),
    )
    assert.equal(confirmations.length, 1)
    assert.equal((await login(server, stranger)).status, 400)
    await signIn(server, owner)
    await register(server, { ...freshPerson(), username: stranger.username })
  })

  it('takes a link of a mail once', async () => {
    const person = await signUp(server)
    const token = await activationToken(server, person.email)
    for (const wrong of [`${token}0`, token.slice(1), '0'.repeat(64), 'resend', '%00'])
      assertCode(await send(server, 'PUT', `/user/activate-account/${wrong}`), ...badLink)
    assertCode(await login(server, person), ...pending)
    assert.equal((await send(server, 'PUT', `/user/activate-account/${token}`)).status, 200)
    assertCode(await send(server, 'PUT', `/user/activate-account/${token}`), ...badLink)
    await signIn(server, person)
  })

  it('takes a link from one of many who send it at once', async () => {
    const { email } = await signUp(server)
    const token = await activationToken(server, email)
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => send(server, 'PUT', `/user/activate-account/${token}`)),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    for (const answer of answers) if (answer.status !== 200) assertCode(answer, ...badLink)
  })

  it('takes the newest link only, and for a day', async () => {
    const person = await signUp(server)
    const { email } = person
    const resend = async () => {
      const { links } = await mailCausedBy(server, { to: email, subject: /^Confirm/ }, async () =>
        assertBody(
          await send(server, 'POST', '/user/activate-account/resend', { json: { email } }),
          200,
          resent,
        ),
      )
      return queryOf(links[0], 'token')
    }
    const first = await activationToken(server, email)
    const second = await resend()
    assertCode(await send(server, 'PUT', `/user/activate-account/${first}`), ...badLink)
    server.clock.advance(24 * 60 * 60 * 1000)
    assertCode(await send(server, 'PUT', `/user/activate-account/${second}`), ...badLink)
    assertCode(await login(server, person), ...pending)
    assert.equal((await send(server, 'PUT', `/user/activate-account/${await resend()}`)).status, 200)
  })

  it('takes the link on the hosted page, too', async () => {
    const person = await signUp(server)
    const token = await activationToken(server, person.email)
    const page = await server.request('GET', `/ui/verify-email?token=${token}`)
    assert.equal(page.status, 200)
    assertCode(await login(server, person), ...pending)
    const done = await server.request('POST', '/ui/verify-email', { form: { token } })
    assert.equal(done.status, 200)
    await signIn(server, person)
  })

  it('sends another link to those alone who wait for one', async () => {
    const active = await register(server)
    const unknown = freshEmail()
    const waiting = await signUp(server)
    const { DATABASE_URL = '' } = server.env
    const mailsAfterAllJobs = async () => {
      await eventually('the end of all jobs', async () => {
        const open = await select(DATABASE_URL, 'select id from jobs where done_at is null')
        return open.length === 0 || undefined
      })
      return server.mailbox()
    }
    const earlier = await mailsAfterAllJobs()
    for (const email of [active.email, unknown, waiting.email]) {
      const answer = await send(server, 'POST', '/user/activate-account/resend', { json: { email } })
      assertBody(answer, 200, resent)
    }
    const later = await mailsAfterAllJobs()
    const receivers = later.slice(0, later.length - earlier.length).map(({ to }) => to)
    assert.deepEqual(receivers, [waiting.email])
  })

  it('refuses to resend to what is no address', async () => {
    const attempt = (json: unknown) => send(server, 'POST', '/user/activate-account/resend', { json })
    assertFieldsRefused(await attempt({}), { email: 'REQUIRED' })
    assertFieldsRefused(await attempt({ email: 'no-address' }), { email: 'INVALID' })
  })
})

describe('wolfpal without confirmed addresses', () => {
  const server = useServer('sqlite', { dialects: { wolfpal: { requireConfirmedEmail: false } } })

  it('lets people log in who have not confirmed theirs, and still asks them to', async () => {
    const person = await signUp(server)
    const { access } = await signIn(server, person)
    const { user } = (await send(server, 'GET', '/account', { bearer: access })).body
    assert.equal(user.emailVerified, false)
    const token = await activationToken(server, person.email)
    assert.equal((await send(server, 'PUT', `/user/activate-account/${token}`)).status, 200)
  })
})

describe('the links of wolfpal', () => {
  const client: Client = {
    dialect: 'wolfpal',
    id: 'wolfpal',
    kind: 'default',
    origins: [],
    redirectUris: [],
    brand: { name: 'WolfPal' },
    settings: {},
  }
  const publicUrl = 'https://auth.example.com'

  it('lead to the pages of the front end', () => {
    const ctx = { client: { ...client, frontEndUrl: 'https://wolf.example' }, publicUrl }
    assert.equal(activationLink(ctx), 'https://wolf.example/activate-account/{token}')
    assert.equal(resetLink(ctx), 'https://wolf.example/reset-password/{token}')
  })

  it('lead to the hosted pages where there is no front end', () => {
    const ctx = { client, publicUrl }
    assert.equal(activationLink(ctx), 'https://auth.example.com/ui/verify-email?token={token}')
    assert.equal(resetLink(ctx), 'https://auth.example.com/ui/reset-password?token={token}')
  })
})
