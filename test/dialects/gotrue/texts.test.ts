import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { execute, select } from '../../harness/database.ts'
import {
  type Answer,
  claimsOf,
  freshEmail,
  mailCausedBy,
  onEveryEngine,
  useServer,
} from '../../harness/harness.ts'
import { endOfJobs, everyFirstAttempt } from '../../harness/jobs.ts'
import { useHooks } from '../../hooks/receiver.ts'
import { behindProxy, freshAddress, from, type Target } from '../../limits/callers.ts'
import { post as atVastly } from '../vastly/door.ts'
import { doorSettings, password, serviceKey } from './auth-js.ts'
import { openWithFactor } from './factors.ts'
import { ask, assertRefused, confirmedAccount, tokenIn } from './mails.ts'
import { codeSentBy, freshPhone, textsTo, wrongCode } from './texts.ts'

const base = '/auth/v1'
const minute = 60_000
const yaml = doorSettings({ phone: true })

function post(target: Target, path: string, json: object): Promise<Answer> {
  return target.request('POST', `${base}${path}`, { json })
}

function change(target: Target, bearer: string, json: object): Promise<Answer> {
  return target.request('PUT', `${base}/user`, { bearer, json })
}

function assertDead(answer: Answer): void {
  assertRefused(answer, 403, 'otp_expired')
}

onEveryEngine('sign-in by text messages at gotrue', (engine) => {
  const server = useServer(engine, { yaml })
  const verify = (phone: string, token: string, type = 'sms') =>
    post(server, '/verify', { type, phone, token })
  const sendCode = (phone: string, more: object = {}) =>
    codeSentBy(server, phone, async () => {
      const answer = await post(server, '/otp', { phone, ...more })
      assert.equal(answer.status, 200, answer.text)
    })
  const open = async (phone: string) => (await verify(phone, await sendCode(phone))).body
  const byService = (json: object) =>
    server.request('POST', `${base}/admin/users`, { bearer: serviceKey, json })

  it('lets one of many in who show a code at once', async () => {
    const phone = freshPhone()
    const code = await sendCode(phone)
    const answers = await Promise.all(Array.from({ length: 5 }, () => verify(phone, code)))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    for (const answer of answers) if (answer.status !== 200) assertDead(answer)
    const rows = await select(
      server.env.DATABASE_URL ?? '',
      `select id from accounts where phone = '${phone}'`,
    )
    assert.equal(rows.length, 1)
  })

  it('is over after five minutes, for the code of another number and with the last code', async () => {
    const [phone, other] = [freshPhone(), freshPhone()]
    const first = await sendCode(phone)
    const second = await sendCode(phone)
    if (first !== second) assertDead(await verify(phone, first))
    assertDead(await verify(other, second))
    assertDead(await verify(phone, second, 'phone_change'))
    server.clock.advance(5 * minute + 1000)
    assertDead(await verify(phone, second))
    await post(server, '/resend', { type: 'sms', phone })
    await endOfJobs(server)
    assert.equal((await textsTo(server, phone)).length, 2)
  })

  it('empties an account that somebody else has opened with the number', async () => {
    const phone = freshPhone()
    const squatter = await byService({ phone, password, user_metadata: { name: 'Eve' } })
    assert.equal(squatter.status, 200, squatter.text)
    const { user } = await open(phone)
    assert.equal(user.id, squatter.body.id)
    assert.equal(user.user_metadata.name, undefined)
    const signIn = await post(server, '/token?grant_type=password', { phone, password })
    assertRefused(signIn, 400, 'invalid_credentials')
  })

  it('takes the number off an account that has proven another name alone', async () => {
    const phone = freshPhone()
    const holder = await byService({ email: freshEmail(), phone, password, email_confirm: true })
    const options = { create_user: false }
    await post(server, '/otp', { phone, ...options })
    await endOfJobs(server)
    assert.deepEqual(await textsTo(server, phone), [])
    const { user } = await open(phone)
    assert.notEqual(user.id, holder.body.id)
    const kept = await server.request('GET', `${base}/admin/users/${holder.body.id}`, { bearer: serviceKey })
    assert.equal(kept.body.phone, '')
  })

  it('is for nobody whose account is disabled, before or after the message', async () => {
    const phone = freshPhone()
    await open(phone)
    const code = await sendCode(phone)
    await execute(
      server.env.DATABASE_URL ?? '',
      `update accounts set disabled_at = 1 where phone = '${phone}'`,
    )
    assertDead(await verify(phone, code))
    const count = (await textsTo(server, phone)).length
    assert.equal((await post(server, '/otp', { phone })).status, 200)
    await endOfJobs(server)
    assert.equal((await textsTo(server, phone)).length, count)
  })

  it('has its code in no row of the database and no line of the log', async () => {
    const phone = freshPhone()
    const code = await sendCode(phone, { data: { name: 'Ada' } })
    await endOfJobs(server)
    const lines = server.log.map((line) => JSON.stringify(line)).filter((line) => line.includes(phone))
    const rows = await select(server.env.DATABASE_URL ?? '', 'select payload, hash from tickets')
    const jobs = await select(server.env.DATABASE_URL ?? '', 'select payload from jobs')
    for (const text of [...lines, ...[...rows, ...jobs].map((row) => JSON.stringify(row))])
      assert.doesNotMatch(text, new RegExp(`(?<![\\w-])${code}(?![\\w-])`))
  })

  it('has still to show the second factor', async () => {
    const { email, access } = await openWithFactor(server)
    const phone = freshPhone()
    await execute(
      server.env.DATABASE_URL ?? '',
      `update accounts set phone = '${phone}', phone_verified_at = 1 where email = '${email}'`,
    )
    const { access_token } = await open(phone)
    const { aal, role } = claimsOf(access_token)
    assert.deepEqual([aal, role], ['aal1', 'mfa_pending'])
    assertRefused(await change(server, access_token, { phone: freshPhone() }), 401, 'insufficient_aal')
    assert.equal((await ask(server, access)).status, 200)
  })

  describe('a change of number', () => {
    const wanted = async (bearer: string, phone: string) =>
      codeSentBy(server, phone, async () => {
        const answer = await change(server, bearer, { phone })
        assert.equal(answer.status, 200, answer.text)
      })

    it('is not made once whoever has asked is signed out', async () => {
      const { access_token: bearer } = await open(freshPhone())
      const phone = freshPhone()
      const code = await wanted(bearer, phone)
      await server.request('POST', `${base}/logout?scope=global`, { bearer })
      assertDead(await verify(phone, code, 'phone_change'))
    })

    it('is given up once a back end has given the account another number', async () => {
      const { access_token: bearer, user } = await open(freshPhone())
      const [phone, given] = [freshPhone(), freshPhone()]
      const code = await wanted(bearer, phone)
      const json = { phone: given, phone_confirm: true }
      const changed = await server.request('PUT', `${base}/admin/users/${user.id}`, {
        bearer: serviceKey,
        json,
      })
      assert.equal(changed.status, 200, changed.text)
      assertDead(await verify(phone, code, 'phone_change'))
      assert.equal((await ask(server, bearer)).body.phone, given.slice(1))
    })

    it('takes no number that another account has proven, and does not tell', async () => {
      const taken = freshPhone()
      await open(taken)
      const { access_token: bearer } = await open(freshPhone())
      const count = (await textsTo(server, taken)).length
      const answer = await change(server, bearer, { phone: taken })
      assert.equal(answer.status, 200, answer.text)
      assert.equal(answer.body.new_phone, taken.slice(1))
      await endOfJobs(server)
      assert.equal((await textsTo(server, taken)).length, count)
    })

    it('goes to one of two who want a number', async () => {
      const phone = freshPhone()
      const [one, two] = [await open(freshPhone()), await open(freshPhone())]
      const first = await wanted(one.access_token, phone)
      const second = await wanted(two.access_token, phone)
      const [a, b] = await Promise.all([
        verify(phone, second, 'phone_change'),
        verify(phone, second, 'phone_change'),
      ])
      assert.deepEqual([a.status, b.status].sort(), [200, 403])
      assertDead(await verify(phone, first, 'phone_change'))
      const { body } = await ask(server, one.access_token)
      assert.notEqual(body.phone, phone.slice(1))
    })

    it('takes a proof of who is there a day after the sign-in', async () => {
      const { email, access } = await confirmedAccount(server)
      const phone = freshPhone()
      const code = await wanted(access, phone)
      const { body } = await verify(phone, code, 'phone_change')
      assert.deepEqual([body.user.email, body.user.phone], [email, phone.slice(1)])
      server.clock.advance(25 * 60 * minute)
      const refreshed = await post(server, '/token?grant_type=refresh_token', {
        refresh_token: body.refresh_token,
      })
      const bearer = refreshed.body.access_token
      const other = { phone: freshPhone() }
      assertRefused(await change(server, bearer, other), 400, 'reauthentication_needed')
      const data = { name: 'Ada' }
      const wrong = await change(server, bearer, { ...other, nonce: '000000', data })
      assertRefused(wrong, 422, 'reauthentication_not_valid')
      const { user_metadata, new_phone } = (await ask(server, bearer)).body
      assert.deepEqual([user_metadata.name, new_phone], [undefined, undefined])
    })

    it('is none where the number is written otherwise', async () => {
      const phone = freshPhone()
      const { access_token: bearer } = await open(phone)
      const spaced = `${phone.slice(0, 3)} ${phone.slice(3, 6)} ${phone.slice(6)}`
      const { status, body } = await change(server, bearer, { phone: spaced, data: { name: 'Ada' } })
      assert.deepEqual([status, body.new_phone, body.user_metadata.name], [200, undefined, 'Ada'])
    })

    it('is refused for what is no number', async () => {
      const { access_token: bearer } = await open(freshPhone())
      assertRefused(await change(server, bearer, { phone: '123' }), 400, 'validation_failed')
    })
  })
})

describe('sign-in by text messages at gotrue beside another door', () => {
  const dialects = { gotrue: { phone: true, serviceKeys: [serviceKey] }, vastly: {} }
  const server = useServer('sqlite', { yaml: JSON.stringify({ realms: { main: { dialects } } }) })

  it('says neither in a token nor of the user an address that is taken there and that nobody has proven', async () => {
    const [phone, email] = [freshPhone(), freshEmail()]
    const signedUp = await atVastly(server, '/register', {
      json: { email, mobile: phone, password, passwordConfirm: password },
    })
    assert.equal(signedUp.status, 201, signedUp.text)
    const token = await codeSentBy(server, phone, () => post(server, '/otp', { phone }))
    const { body } = await post(server, '/verify', { type: 'sms', phone, token })
    const claims = claimsOf(body.access_token)
    assert.deepEqual([claims.phone, claims.email], [phone.slice(1), ''])
    assert.equal(body.user.email, '')
    const kept = await server.request('GET', `${base}/admin/users/${body.user.id}`, { bearer: serviceKey })
    assert.equal(kept.body.email, email)
    const mail = await mailCausedBy(
      server,
      { to: email, subject: /^Confirm (your new e-mail|that your e-mail)/ },
      async () => {
        const asked = await change(server, body.access_token, { email })
        assert.deepEqual([asked.status, asked.body.email, asked.body.new_email], [200, '', email])
      },
    )
    const proven = await post(server, '/verify', {
      type: 'email_change',
      token_hash: await tokenIn(mail),
    })
    assert.equal(proven.body.user.email, email)
    assert.equal(claimsOf(proven.body.access_token).email, email)
  })
})

describe('hooks at the text messages of gotrue', () => {
  const { server, receiver } = useHooks('sqlite', {
    realm: () => ({ dialects: { gotrue: { phone: true } } }),
  })

  it('are asked before an account is opened and before a session is, and a refusal uses nothing up', async () => {
    const phone = freshPhone()
    receiver.answer({ decision: 'refuse' })
    const token = await codeSentBy(server, phone, () => post(server, '/otp', { phone }))
    const verify = () => post(server, '/verify', { type: 'sms', phone, token })
    assertRefused(await verify(), 403, 'not_admin')
    receiver.answer({ decision: 'allow' })
    assert.equal((await verify()).status, 200)
    const asked = receiver
      .questions()
      .map(({ type, data }) => [type, data.account.phoneVerified, data.methods])
    assert.deepEqual(asked.slice(-2), [
      ['hook.before_sign_up', true, undefined],
      ['hook.before_sign_in', true, ['sms']],
    ])
  })
})

describe('limits of text messages at gotrue', () => {
  const server = useServer('sqlite', { yaml, limits: 'real', env: behindProxy })
  const away = () => from(server, freshAddress())
  const verify = (target: Target, phone: string, token: string) =>
    post(target, '/verify', { type: 'sms', phone, token })

  it('let one address have three sent to one number, known or not', async () => {
    for (const create_user of [true, false]) {
      const target = away()
      const phone = freshPhone()
      for (let count = 0; count < 3; count++)
        assert.equal((await post(target, '/otp', { phone, create_user })).status, 200)
      for (const [path, more] of [
        ['/otp', {}],
        ['/resend', { type: 'sms' }],
        ['/resend', { type: 'phone_change' }],
      ] as const)
        assertRefused(await post(target, path, { phone, ...more }), 429, 'over_sms_send_rate_limit')
    }
  })

  it('let nobody flood a number, whose owner has a code of twelve digits then', async () => {
    const phone = freshPhone()
    let code = ''
    for (let count = 0; count < 11; count++)
      code = await codeSentBy(server, phone, async () =>
        assert.equal((await post(away(), '/otp', { phone })).status, 200),
      )
    assertRefused(await post(away(), '/otp', { phone }), 429, 'over_sms_send_rate_limit')
    assert.match(code, /^\d{12}$/)
    for (let count = 0; count < 6; count++) assertDead(await verify(away(), phone, '000000'))
    assert.equal((await verify(away(), phone, code)).status, 200)
  })

  it('leave five guesses to everybody, and five to whoever has asked for the code', async () => {
    const phone = freshPhone()
    const asker = away()
    const code = await codeSentBy(server, phone, () => post(asker, '/otp', { phone }))
    for (let guesses = 0; guesses < 5; guesses++) assertDead(await verify(away(), phone, wrongCode(code)))
    assertDead(await verify(away(), phone, code))
    for (let guesses = 0; guesses < 4; guesses++) assertDead(await verify(asker, phone, wrongCode(code)))
    assert.equal((await verify(asker, phone, code)).status, 200)

    const next = await codeSentBy(server, phone, () => post(asker, '/otp', { phone }))
    await Promise.all(Array.from({ length: 20 }, () => verify(away(), phone, wrongCode(next))))
    assertDead(await verify(away(), phone, next))
  })

  it('answer alike for numbers that nobody has', async () => {
    const statuses = async (phone: string) => {
      const seen: number[] = []
      for (let guesses = 0; guesses < 33; guesses++) seen.push((await verify(away(), phone, '123456')).status)
      return seen
    }
    const phone = freshPhone()
    await codeSentBy(server, phone, () => post(away(), '/otp', { phone }))
    assert.deepEqual(await statuses(phone), await statuses(freshPhone()))
  })
})

describe('text messages of gotrue where some countries are allowed', () => {
  const server = useServer('sqlite', {
    yaml,
    limits: { 'sms-client': 2 },
    env: { SMS_ALLOWED_PREFIXES: '+47' },
  })

  it('are not sent to others, nor more than the client may have, with the same answer', async () => {
    for (const phone of ['+46701234567', freshPhone(), freshPhone(), freshPhone()]) {
      const { status, body } = await post(server, '/otp', { phone })
      assert.equal(status, 200)
      assert.deepEqual(Object.keys(body), ['message_id'])
    }
    await everyFirstAttempt(server)
    assert.equal((await server.mailbox()).length, 2)
  })
})

describe('text messages of gotrue where nobody may sign up', () => {
  const server = useServer('sqlite', { yaml: doorSettings({ phone: true, registration: 'off' }) })

  it('are sent to nobody who is new', async () => {
    const phone = freshPhone()
    const { status, body } = await post(server, '/otp', { phone })
    assert.deepEqual([status, Object.keys(body)], [200, ['message_id']])
    await endOfJobs(server)
    assert.deepEqual(await textsTo(server, phone), [])
    const settings = await server.request('GET', `${base}/settings`)
    assert.equal(settings.body.external.phone, true)
  })
})
