import assert from 'node:assert/strict'
import { it } from 'node:test'
import { select } from '../../harness/database.ts'
import { freshEmail, mailCausedBy, onEveryEngine, queryOf, useServer } from '../../harness/harness.ts'
import { openWithFactor } from './factors.ts'
import { codeIn, password, signUp, subjects, tokenIn, verify } from './mails.ts'
import { asService, openByService, signInWith, withServiceKeys } from './service-keys.ts'

onEveryEngine('links that a back end asks for', (engine) => {
  const server = useServer(engine, { yaml: withServiceKeys() })
  const call = (method: string, path: string, json?: unknown) => asService(server, method, path, json)
  const link = (type: string, json: object) => call('POST', '/admin/generate_link', { type, ...json })
  const codeOf = async (type: string, json: object) => {
    const { status, body } = await link(type, json)
    return [status, body.error_code]
  }

  it('confirm a sign-up with the password that the back end gives, and not a stranger’s', async () => {
    const email = freshEmail()
    const squatted = 'a password of a stranger'
    await signUp(server, email, { password: squatted, data: { name: 'Mallory' } })
    const { body } = await link('signup', { email, password, data: { name: 'Ada' } })
    const opened = await verify(server, { type: 'signup', token_hash: body.hashed_token })
    assert.equal(opened.status, 200, opened.text)
    assert.equal(opened.body.user.user_metadata.name, 'Ada')
    assert.equal((await signInWith(server, email, squatted)).status, 400)
    assert.equal((await signInWith(server, email, password)).status, 200)
  })

  it('are mailed to whoever is invited, and open an account without a password', async () => {
    const email = freshEmail()
    let user: { id: string; invited_at?: string; user_metadata?: object } = { id: '' }
    const mail = await mailCausedBy(server, { to: email, subject: subjects.invite }, async () => {
      const { status, body } = await call('POST', '/invite', { email, data: { team: 'red' } })
      assert.equal(status, 200)
      user = body
    })
    assert.ok(user.invited_at)
    assert.deepEqual(user.user_metadata, { team: 'red' })
    assert.equal((await signInWith(server, email, password)).status, 400)
    const { body } = await verify(server, { type: 'invite', email, token: codeIn(mail) })
    assert.equal(body.user.id, user.id)
    assert.ok(body.user.email_confirmed_at)
    const again = await call('POST', '/invite', { email })
    assert.deepEqual([again.status, again.body.error_code], [422, 'email_exists'])
    assert.equal((await verify(server, { type: 'invite', token_hash: tokenIn(mail) })).status, 403)
  })

  it('confirm another address, each half by itself, and are mailed to nobody', async () => {
    const { email } = await openByService(server)
    const new_email = freshEmail()
    const halves = []
    for (const type of ['email_change_current', 'email_change_new']) {
      const { status, body, text } = await link(type, { email, new_email })
      assert.deepEqual([status, body.new_email, body.verification_type], [200, new_email, type], text)
      assert.equal(queryOf(body.action_link, 'type'), 'email_change')
      halves.push(body)
    }
    const [current, next] = halves
    const first = await verify(server, { type: 'email_change', token_hash: current.hashed_token })
    assert.equal(first.body.code, '200', first.text)
    const last = await verify(server, { type: 'email_change', email: new_email, token: next.email_otp })
    assert.equal(last.body.user?.email, new_email, last.text)
    assert.deepEqual(
      (await server.mailbox()).filter(({ to }) => to === new_email),
      [],
    )
    const nobodys = { email: freshEmail(), new_email: freshEmail() }
    assert.deepEqual(await codeOf('email_change_new', nobodys), [404, 'user_not_found'])
    const { email: taken } = await openByService(server)
    const json = { email: new_email, new_email: taken }
    assert.deepEqual(await codeOf('email_change_new', json), [422, 'email_exists'])
    assert.deepEqual(await codeOf('email_change_new', { email: new_email }), [400, 'validation_failed'])
  })

  it('are handed over with a code, and mailed to nobody', async () => {
    const [fresh, invited] = [freshEmail(), freshEmail()]
    const { email: known } = await openByService(server)
    const wanted = [
      { type: 'signup', email: fresh, password, data: { status: 'new' } },
      { type: 'magiclink', email: known },
      { type: 'recovery', email: known },
      { type: 'invite', email: invited },
      { type: 'magiclink', email: freshEmail() },
    ]
    for (const { type, email, ...json } of wanted) {
      for (const by of ['link', 'code']) {
        if (by === 'code' && type !== 'recovery' && type !== 'magiclink') continue
        const { status, body, text } = await link(type, {
          email,
          redirect_to: 'https://evil.example/',
          ...json,
        })
        assert.equal(status, 200, text)
        assert.equal(body.email, email)
        assert.equal(body.verification_type, type)
        assert.equal(body.redirect_to, 'http://localhost:3000/')
        assert.match(body.action_link, /^http:\/\/localhost:5000\/auth\/v1\/verify\?token=/)
        assert.equal(queryOf(body.action_link, 'token'), body.hashed_token)
        assert.equal(queryOf(body.action_link, 'type'), type)
        if ('data' in json) assert.deepEqual(body.user_metadata, json.data)
        const shown = by === 'link' ? { token_hash: body.hashed_token } : { email, token: body.email_otp }
        const session = await verify(server, { type, ...shown })
        assert.equal(session.status, 200, session.text)
        assert.equal(session.body.user.id, body.id)
        assert.equal((await verify(server, { type, ...shown })).status, 403)
        const rows = await select(
          server.env.DATABASE_URL ?? '',
          `select actor, detail from audit where event = 'account.link_made' and account_id = '${body.id}'`,
        )
        assert.ok(rows.every(({ actor }) => /^service:[\da-f]{8}$/.test(String(actor))) && rows.length > 0)
      }
      assert.equal(
        (await server.mailbox()).filter(
          ({ to, subject }) => to === email && !/new device|New sign-in/i.test(subject),
        ).length,
        0,
      )
    }
    assert.equal((await signInWith(server, fresh, password)).status, 200)
  })

  it('are refused where they would lead nowhere', async () => {
    const { email } = await openByService(server)
    assert.deepEqual(await codeOf('signup', { email, password }), [422, 'email_exists'])
    assert.deepEqual(await codeOf('invite', { email }), [422, 'email_exists'])
    assert.deepEqual(await codeOf('recovery', { email: freshEmail() }), [404, 'user_not_found'])
    assert.deepEqual(await codeOf('signup', { email: freshEmail() }), [400, 'validation_failed'])
    assert.deepEqual(await codeOf('signup', { email: freshEmail(), password: 'short' }), [
      422,
      'weak_password',
    ])
    assert.deepEqual(await codeOf('magiclink', {}), [400, 'validation_failed'])
    assert.deepEqual(await codeOf('magiclink', { email: 'x' }), [400, 'validation_failed'])
    assert.deepEqual(await codeOf('sms', { email }), [400, 'validation_failed'])
    for (const path of ['/invite', '/admin/generate_link']) {
      const answer = await server.request('POST', `/auth/v1${path}`, { json: { type: 'magiclink', email } })
      assert.equal(answer.status, 401)
    }
  })

  it('do not lead past a second factor, which a back end may take away', async () => {
    const { email, ...factor } = await openWithFactor(server, 'phone')
    const { body } = await link('magiclink', { email })
    const { id } = body
    assert.equal(body.factors[0].id, factor.id)
    const { body: pending } = await verify(server, { type: 'magiclink', token_hash: body.hashed_token })
    const refused = await server.request('POST', '/auth/v1/factors', {
      bearer: pending.access_token,
      json: { factor_type: 'totp' },
    })
    assert.equal(refused.status, 403)
    const listed = await call('GET', `/admin/users/${id}/factors`)
    assert.deepEqual(
      listed.body.map(({ status }: { status: string }) => status),
      ['verified'],
    )
    const inList = await call('GET', `/admin/users?filter=${encodeURIComponent(email)}`)
    assert.equal(inList.body.users[0].factors[0].id, factor.id)
    for (const other of ['x', crypto.randomUUID()])
      assert.equal((await call('DELETE', `/admin/users/${id}/factors/${other}`)).status, 404)
    const removed = await call('DELETE', `/admin/users/${id}/factors/${factor.id}`)
    assert.deepEqual([removed.status, removed.body.id], [200, factor.id])
    assert.deepEqual((await call('GET', `/admin/users/${id}/factors`)).body, [])
  })
})
