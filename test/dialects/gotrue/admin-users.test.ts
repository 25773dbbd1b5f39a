import assert from 'node:assert/strict'
import { it } from 'node:test'
import { hashSync } from 'bcrypt'
import { disableAccount } from '../../../src/core/accounts/admin.ts'
import { select } from '../../harness/database.ts'
import { freshEmail, mailCausedBy, onEveryEngine, useServer } from '../../harness/harness.ts'
import { endOfJobs } from '../../harness/jobs.ts'
import { withRealm } from '../../harness/realm.ts'
import { post, tokenIn, verify } from './mails.ts'
import { asService, openByService, serviceKey, signInWith, withServiceKeys } from './service-keys.ts'

const password = 'four words and blanks'
const hour = 3_600_000

onEveryEngine('accounts that a back end looks after', (engine) => {
  const server = useServer(engine, { yaml: withServiceKeys() })
  const call = (method: string, path: string, json?: unknown) => asService(server, method, path, json)
  const refused = async (method: string, path: string, json?: unknown) => {
    const { status, body } = await call(method, path, json)
    return [status, body.error_code, body.msg]
  }
  const userOf = (bearer: string) => server.request('GET', '/auth/v1/user', { bearer })
  const rowsOf = (statement: string) => select(server.env.DATABASE_URL ?? '', statement)
  const eventsOf = async (accountId: string) =>
    (await rowsOf(
      `select event, actor, dialect from audit where account_id = '${accountId}' order by id`,
    )) as {
      event: string
      actor: string | null
      dialect: string
    }[]

  it('are opened with what it says of them, and nothing else', async () => {
    const email = freshEmail()
    const { status, body: user } = await call('POST', '/admin/users', {
      email: email.toUpperCase(),
      password,
      email_confirm: true,
      user_metadata: { name: 'Ada' },
      app_metadata: { roles: ['editor'], provider: 'google' },
      unknown: 1,
    })
    assert.equal(status, 200)
    assert.equal(user.email, email)
    assert.ok(user.email_confirmed_at)
    assert.deepEqual(user.user_metadata, { name: 'Ada' })
    assert.deepEqual(user.app_metadata, { provider: 'email', providers: ['email'], roles: ['editor'] })
    assert.equal(user.banned_until, undefined)
    assert.equal((await signInWith(server, email, password)).status, 200)
    const [created] = await eventsOf(user.id)
    assert.match(created?.actor ?? '', /^service:[\da-f]{8}$/)
    assert.equal(
      (await rowsOf(`select signed_up_through as door from accounts where id = '${user.id}'`))[0]?.door,
      null,
    )
    assert.deepEqual(await refused('POST', '/admin/users', { email }), [
      422,
      'email_exists',
      'A user with this email address has already been registered',
    ])
  })

  it('are not confirmed, and have no password, unless it says so', async () => {
    const { body: user } = await call('POST', '/admin/users', { email: freshEmail() })
    assert.equal(user.email_confirmed_at, undefined)
    const { body } = await call('PUT', `/admin/users/${user.id}`, { email_confirm: true })
    assert.ok(body.email_confirmed_at)
    const byPhone = await call('POST', '/admin/users', { phone: '4791234567', phone_confirm: true, password })
    assert.equal(byPhone.body.phone, '4791234567')
    assert.ok(byPhone.body.phone_confirmed_at)
    assert.equal(byPhone.body.email, '')
    assert.deepEqual((await refused('POST', '/admin/users', { phone: '+4791234567' })).slice(0, 2), [
      422,
      'phone_exists',
    ])
  })

  it('keep the id that they had', async () => {
    const id = crypto.randomUUID()
    assert.equal((await openByService(server, { id: id.toUpperCase() })).id, id)
    const again = await refused('POST', '/admin/users', { email: freshEmail(), id })
    assert.deepEqual(again, [400, 'validation_failed', 'Another account has this id.'])
  })

  it('sign in with the password behind a hash of another system', async () => {
    const email = freshEmail()
    await openByService(server, { email, password_hash: hashSync(password, 4) })
    assert.equal((await signInWith(server, email, 'another password')).status, 400)
    assert.equal((await signInWith(server, email, password)).status, 200)
  })

  it('are refused with the fault in words of the door', async () => {
    const faults: [object, RegExp][] = [
      [{}, /^Cannot create a user without either an email or phone$/],
      [{ email: 'x' }, /^Unable to validate email address: invalid format$/],
      [{ phone: '123' }, /^Invalid phone number format/],
      [{ email: freshEmail(), password, password_hash: 'x' }, /^Only a password or a password hash/],
      [{ email: freshEmail(), password_hash: 'no hash' }, /^The password hash cannot be used/],
      [{ email: freshEmail(), password_hash: '$2b$31$' }, /^The password hash cannot be used/],
      [{ email: freshEmail(), id: 'x' }, /^ID must conform to the uuid/],
      [{ email: freshEmail(), id: '00000000-0000-0000-0000-000000000000' }, /^ID cannot be a nil uuid$/],
      [{ email: freshEmail(), ban_duration: '1 year' }, /^invalid format for ban duration$/],
      [{ email: freshEmail(), ban_duration: '9999999999h' }, /^invalid format for ban duration$/],
      [{ email: freshEmail(), role: 'service_role' }, /^role must be authenticated$/],
      [{ email: freshEmail(), user_metadata: [] }, /^user_metadata must be an object$/],
      [{ email: freshEmail(), app_metadata: { a: 'x'.repeat(7000) } }, /^app_metadata must be smaller/],
    ]
    for (const [json, message] of faults) {
      const [status, code, said] = await refused('POST', '/admin/users', json)
      assert.deepEqual([status, code], [400, 'validation_failed'], JSON.stringify(json))
      assert.match(said, message)
    }
    const weak = await refused('POST', '/admin/users', { email: freshEmail(), password: 'short' })
    assert.deepEqual(weak.slice(0, 2), [422, 'weak_password'])
  })

  it('are found by their ids alone', async () => {
    const { id, email } = await openByService(server)
    assert.equal((await call('GET', `/admin/users/${id}`)).body.email, email)
    assert.equal((await call('GET', `/admin/users/${id.toUpperCase()}`)).body.id, id)
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const form = [404, 'validation_failed', 'user_id must be an UUID']
      assert.deepEqual(await refused(method, '/admin/users/x', {}), form)
      const unknown = await refused(method, `/admin/users/${crypto.randomUUID()}`, {})
      assert.deepEqual(unknown, [404, 'user_not_found', 'User not found'])
    }
  })

  it('say when their mails were asked for, as long as those are to be answered', async () => {
    const sentOf = async (id: string) => {
      await endOfJobs(server)
      const { body } = await call('GET', `/admin/users/${id}`)
      return [body.confirmation_sent_at, body.recovery_sent_at].map((time) =>
        time === undefined ? undefined : Math.abs(Date.parse(time) - server.clock.now()) < 60_000,
      )
    }
    const { status, body } = await post(server, '/signup', { email: freshEmail(), password })
    assert.equal(status, 200)
    const held = await call('GET', `/admin/users?filter=${body.email}`)
    const { id } = held.body.users[0]
    assert.deepEqual(await sentOf(id), [true, undefined])
    const mail = await server.mail(body.email, /^Confirm your e-mail/)
    assert.equal((await verify(server, { type: 'signup', token_hash: tokenIn(mail) })).status, 200)
    assert.deepEqual(await sentOf(id), [undefined, undefined])

    await post(server, '/recover', { email: body.email })
    assert.deepEqual(await sentOf(id), [undefined, true])
    server.clock.advance(25 * hour)
    assert.deepEqual(await sentOf(id), [undefined, undefined])
    const invited = await call('POST', '/invite', { email: freshEmail() })
    assert.deepEqual(await sentOf(invited.body.id), [true, undefined])
  })

  it('get another address and password at once, which ends their sessions and is told them', async () => {
    const { id, email } = await openByService(server, { password })
    const { body: session } = await signInWith(server, email, password)
    const changed = { email: freshEmail(), password: 'another password' }
    await mailCausedBy(server, { to: email, subject: /e-mail/ }, async () => {
      const { status, body } = await call('PUT', `/admin/users/${id}`, changed)
      assert.equal(status, 200)
      assert.equal(body.email, changed.email)
      assert.ok(body.email_confirmed_at)
    })
    const user = await userOf(session.access_token)
    assert.deepEqual([user.status, user.body.error_code], [403, 'session_not_found'])
    assert.equal((await signInWith(server, email, password)).status, 400)
    assert.equal((await signInWith(server, changed.email, changed.password)).status, 200)
    const actors = (await eventsOf(id)).filter(({ event }) => /changed/.test(event)).map(({ actor }) => actor)
    assert.equal(actors.length, 2)
    for (const actor of actors) assert.match(actor ?? '', /^service:/)
  })

  it('are changed as a whole or not at all', async () => {
    const [first, other] = [await openByService(server), await openByService(server, { phone: '4791234568' })]
    const json = { email: freshEmail(), phone: other.phone, user_metadata: { a: 1 }, ban_duration: '1h' }
    const taken = await refused('PUT', `/admin/users/${first.id}`, json)
    assert.deepEqual(taken.slice(0, 2), [422, 'phone_exists'])
    assert.deepEqual((await call('GET', `/admin/users/${first.id}`)).body, first)
    const email = await refused('PUT', `/admin/users/${first.id}`, { email: other.email })
    assert.deepEqual(email.slice(0, 2), [422, 'email_exists'])

    const { id, email: address } = await openByService(server, { password })
    const { body: session } = await signInWith(server, address, password)
    const before = (await call('GET', `/admin/users/${id}`)).body
    for (const wrong of [{ password: 'short' }, { phone: other.phone }, { email: other.email }]) {
      const all = { email: freshEmail(), password: 'another password', user_metadata: { a: 1 } }
      const answer = await call('PUT', `/admin/users/${id}`, { ...all, ...wrong })
      assert.equal(answer.status, 422, answer.text)
    }
    assert.deepEqual((await call('GET', `/admin/users/${id}`)).body, before)
    assert.equal((await userOf(session.access_token)).status, 200)
    assert.equal((await signInWith(server, address, password)).status, 200)
    await endOfJobs(server)
    assert.deepEqual(
      (await server.mailbox()).filter(({ to }) => to === address),
      [],
    )
  })

  it('keep each of two changes that come at once', async () => {
    for (let round = 0; round < 3; round++) {
      const { id } = await openByService(server, { email_confirm: false })
      const email = freshEmail()
      const answers = await Promise.all(
        [{ email_confirm: true }, { email }, { email_confirm: true }].map((json) =>
          call('PUT', `/admin/users/${id}`, json),
        ),
      )
      for (const answer of answers) assert.equal(answer.status, 200, answer.text)
      const { body } = await call('GET', `/admin/users/${id}`)
      assert.equal(body.email, email)
      assert.ok(body.email_confirmed_at)
    }
  })

  it('have their metadata merged, and null taken away', async () => {
    const { id, email } = await openByService(server, {
      password,
      user_metadata: { a: 1, b: 2 },
      app_metadata: { plan: 'free', x: 1 },
    })
    const json = { user_metadata: { a: null, c: 3 }, app_metadata: { plan: 'pro', x: null } }
    const { body } = await call('PUT', `/admin/users/${id}`, json)
    assert.deepEqual(body.user_metadata, { b: 2, c: 3 })
    assert.deepEqual(body.app_metadata, { plan: 'pro', provider: 'email', providers: ['email'] })
    const { body: session } = await signInWith(server, email, password)
    assert.deepEqual(session.user.app_metadata, body.app_metadata)
    for (let part = 0; part < 4; part++) {
      const answer = await call('PUT', `/admin/users/${id}`, {
        app_metadata: { [`k${part}`]: 'x'.repeat(5000) },
      })
      assert.equal(answer.status, part < 3 ? 200 : 400)
    }
  })

  it('are banned for a time, which whoever knows the password learns, and nobody else', async () => {
    const { id, email } = await openByService(server, { password })
    const { body: session } = await signInWith(server, email, password)
    const { body: banned } = await call('PUT', `/admin/users/${id}`, { ban_duration: '1h30m' })
    const left = Date.parse(banned.banned_until) - server.clock.now()
    assert.ok(left > 1.4 * hour && left <= 1.5 * hour)
    const wrong = await signInWith(server, email, 'wrong password')
    assert.deepEqual([wrong.status, wrong.body.error_code], [400, 'invalid_credentials'])
    const right = await signInWith(server, email, password)
    assert.deepEqual(
      [right.status, right.body],
      [400, { code: 400, error_code: 'user_banned', msg: 'User is banned' }],
    )
    const elsewhere = await server.request('POST', '/api/co/auth/sign-in', { json: { email, password } })
    const nobody = await server.request('POST', '/api/co/auth/sign-in', {
      json: { email: freshEmail(), password },
    })
    assert.equal(elsewhere.text, nobody.text)
    const refresh = await server.request('POST', '/auth/v1/token?grant_type=refresh_token', {
      json: { refresh_token: session.refresh_token },
    })
    assert.equal(refresh.body.error_code, 'refresh_token_not_found')
    server.clock.advance(1.5 * hour)
    await server.maintain()
    assert.equal((await signInWith(server, email, password)).status, 200)
    const events = (await eventsOf(id)).filter(({ event }) => /abled/.test(event))
    assert.deepEqual(
      events.map(({ event, actor }) => [event, actor === null]),
      [
        ['account.disabled', false],
        ['account.enabled', true],
      ],
    )
  })

  it('are banned for longer when they are banned already, and freed by a word', async () => {
    const { id, email } = await openByService(server, { password, ban_duration: '1h' })
    const longer = await call('PUT', `/admin/users/${id}`, { ban_duration: '876000h' })
    assert.ok(Date.parse(longer.body.banned_until) > server.clock.now() + 870_000 * hour)
    server.clock.advance(2 * hour)
    await server.maintain()
    assert.equal((await signInWith(server, email, password)).body.error_code, 'user_banned')
    const freed = await call('PUT', `/admin/users/${id}`, { ban_duration: 'none' })
    assert.equal(freed.body.banned_until, undefined)
    assert.equal((await signInWith(server, email, password)).status, 200)
  })

  it('stay disabled where an operator does that while they are banned', async () => {
    const { id, email } = await openByService(server, { password, ban_duration: '1h' })
    await withRealm(server, async (ctx) => {
      assert.ok(await disableAccount(ctx, id))
      assert.equal(await disableAccount(ctx, id), undefined)
    })
    server.clock.advance(2 * hour)
    await server.maintain()
    assert.equal((await signInWith(server, email, password)).body.error_code, 'user_banned')
    const { body } = await call('GET', `/admin/users/${id}`)
    assert.equal(body.banned_until, '9999-12-31T23:59:59.000Z')
  })

  it('are deleted with all that is held of them, however softly', async () => {
    for (const json of [undefined, { should_soft_delete: true }]) {
      const { id, email } = await openByService(server, { password })
      const { status, body } = await call('DELETE', `/admin/users/${id}`, json)
      assert.deepEqual([status, body], [200, {}])
      assert.deepEqual((await refused('GET', `/admin/users/${id}`)).slice(0, 2), [404, 'user_not_found'])
      assert.equal((await signInWith(server, email, password)).body.error_code, 'invalid_credentials')
      assert.equal((await openByService(server, { email })).email, email)
    }
  })

  it('are listed by page, the newest first', async () => {
    server.clock.advance(1000)
    const made: string[] = []
    for (let count = 0; count < 3; count++) {
      made.unshift((await openByService(server, { user_metadata: { full_name: `Grace ${count}` } })).id)
      server.clock.advance(1000)
    }
    const first = await call('GET', '/admin/users?page=&per_page=2')
    const total = Number(first.headers.get('x-total-count'))
    assert.equal(first.body.aud, 'authenticated')
    assert.deepEqual(
      first.body.users.map(({ id }: { id: string }) => id),
      made.slice(0, 2),
    )
    const last = Math.ceil(total / 2)
    assert.equal(
      first.headers.get('link'),
      `</admin/users?page=2&per_page=2>; rel="next", </admin/users?page=${last}&per_page=2>; rel="last"`,
    )
    const second = await call('GET', '/admin/users?page=2&per_page=2')
    assert.equal(second.body.users[0].id, made[2])
    const all = await call('GET', '/admin/users')
    assert.equal(all.body.users.length, total)
    assert.equal(all.headers.get('link'), '</admin/users?page=1&per_page=50>; rel="last"')
    const beyond = await call('GET', '/admin/users?page=999999999&per_page=1000')
    assert.deepEqual([beyond.status, beyond.body.users], [200, []])

    const found = await call('GET', '/admin/users?filter=gRACE%201')
    assert.deepEqual(
      found.body.users.map(({ id }: { id: string }) => id),
      [made[1]],
    )
    assert.equal(found.headers.get('x-total-count'), '1')
    const few = await call('GET', '/admin/users?filter=grace&per_page=1&page=2')
    assert.deepEqual(
      few.body.users.map(({ id }: { id: string }) => id),
      [made[1]],
    )
    assert.match(
      few.headers.get('link') ?? '',
      /^<\/admin\/users\?page=3&per_page=1&filter=grace>; rel="next"/,
    )
    assert.deepEqual((await call('GET', '/admin/users?filter=%25')).body.users, [])

    for (const query of ['page=-1', 'page=x', 'per_page=1001', `filter=${'x'.repeat(256)}`])
      assert.deepEqual(
        (await refused('GET', `/admin/users?${query}`)).slice(0, 2),
        [400, 'validation_failed'],
        query,
      )
  })

  it('show the key nowhere', async () => {
    const rows = JSON.stringify(await rowsOf('select * from audit'))
    assert.ok(!rows.includes(serviceKey) && !JSON.stringify(server.log).includes(serviceKey))
  })
})
