import assert from 'node:assert/strict'
import { it } from 'node:test'
import { runCommand } from '../../harness/command.ts'
import { claimsOf, onEveryEngine, useServer } from '../../harness/harness.ts'
import { codeAt, nextCode, unknownId, uuid, wrongCode } from '../wolfpal/door.ts'
import {
  assertRefused,
  challenge,
  enrol,
  openPerson,
  openWithFactor,
  send,
  signIn,
  stepUp,
  tokensOf,
  verify,
} from './factors.ts'

onEveryEngine('factors at gotrue', (engine) => {
  const server = useServer(engine)

  const userOf = async (bearer: string) => {
    const answer = await send(server, 'GET', '/user', { bearer })
    assert.equal(answer.status, 200, answer.text)
    return answer.body
  }

  it('are shown once, with a picture that fits into a data: URL, and count for nothing yet', async () => {
    const person = await openPerson(server)
    assert.equal('factors' in (await userOf(person.access)), false)
    const json = { factor_type: 'totp', friendly_name: 'Phone', issuer: 'Acme' }
    const { status, body, headers } = await send(server, 'POST', '/factors', { bearer: person.access, json })
    assert.equal(status, 200)
    assert.equal(headers.get('cache-control'), 'no-store')
    const { id, type, friendly_name, totp, ...rest } = body
    assert.deepEqual([type, friendly_name, rest], ['totp', 'Phone', {}])
    assert.match(id, uuid)
    assert.match(totp.secret, /^[A-Z2-7]{32}$/)
    assert.equal(
      totp.uri,
      `otpauth://totp/Acme:${encodeURIComponent(person.email)}?issuer=Acme&secret=${totp.secret}&algorithm=SHA1&digits=6&period=30`,
    )
    assert.match(totp.qr_code, /^<svg [^#\n]+<\/svg>$/)
    assert.ok(totp.qr_code.length > 1000 && totp.qr_code.length < 16_000)
    const [factor, ...others] = (await userOf(person.access)).factors
    const { created_at, updated_at, ...shown } = factor
    assert.deepEqual(shown, {
      id,
      friendly_name: 'Phone',
      factor_type: 'totp',
      status: 'unverified',
      phone: '',
      last_challenged_at: null,
    })
    assert.deepEqual(others, [])
    assert.equal(created_at, updated_at)
    const { access } = await signIn(server, person)
    assert.deepEqual([claimsOf(access).aal, claimsOf(access).role], ['aal1', 'authenticated'])
    assert.equal((await send(server, 'DELETE', `/factors/${id}`, { bearer: access })).status, 200)
    assert.equal('factors' in (await userOf(access)), false)
  })

  it('come into force with a code, which steps the session up, ends all others, and is mailed', async () => {
    const person = await openPerson(server)
    const other = await signIn(server, person)
    const factor = await enrol(server, person.access, 'Phone')
    const spare = await enrol(server, person.access, 'Spare')
    const verified = await verify(server, person.access, factor.id, codeAt(server, factor.secret))
    const { access, refresh } = tokensOf(verified)
    assert.equal(verified.body.user.factors.length, 1)
    assert.deepEqual(
      [verified.body.user.factors[0].id, verified.body.user.factors[0].status],
      [factor.id, 'verified'],
    )
    const [before, after] = [claimsOf(person.access), claimsOf(access)]
    assert.equal(after.session_id, before.session_id)
    assert.deepEqual([before.aal, after.aal, after.role], ['aal1', 'aal2', 'authenticated'])
    assert.deepEqual(
      after.amr.map(({ method }: { method: string }) => method),
      ['totp', ...before.amr.map(({ method }: { method: string }) => method)],
    )
    await server.mail(person.email, /second step was set up/)
    assertRefused(await send(server, 'GET', '/user', { bearer: other.access }), 403, 'session_not_found')
    const refreshed = await send(server, 'POST', '/token?grant_type=refresh_token', {
      json: { refresh_token: refresh },
    })
    assert.equal(claimsOf(refreshed.body.access_token).aal, 'aal2')
    assert.equal(refreshed.body.user.factors.length, 1)
    assertRefused(
      await send(server, 'POST', `/factors/${spare.id}/challenge`, { bearer: access }),
      404,
      'mfa_factor_not_found',
    )
  })

  it('that are in force step a session up, and end those that have shown the password alone', async () => {
    const person = await openWithFactor(server)
    const [late, idle] = [await signIn(server, person), await signIn(server, person)]
    assert.deepEqual([claimsOf(late.access).aal, claimsOf(late.access).role], ['aal1', 'mfa_pending'])
    const { access } = await stepUp(server, late.access, person)
    assert.deepEqual([claimsOf(access).aal, claimsOf(access).role], ['aal2', 'authenticated'])
    assertRefused(await send(server, 'GET', '/user', { bearer: idle.access }), 403, 'session_not_found')
    const [{ last_challenged_at }] = (await userOf(person.access)).factors
    assert.ok(Math.abs(Date.parse(last_challenged_at) - server.clock.now()) < 60_000)
  })

  it('take a code once, and one for each challenge', async () => {
    const person = await openWithFactor(server)
    const { access: bearer } = await signIn(server, person)
    const code = nextCode(server, person.secret)
    const challenge_id = await challenge(server, bearer, person.id)
    const path = `/factors/${person.id}/verify`
    assert.equal((await send(server, 'POST', path, { bearer, json: { challenge_id, code } })).status, 200)
    assertRefused(
      await send(server, 'POST', path, { bearer, json: { challenge_id, code } }),
      422,
      'mfa_challenge_expired',
    )
    assertRefused(await verify(server, bearer, person.id, code), 422, 'mfa_verification_failed')
    const { access: other } = await signIn(server, person)
    assertRefused(await verify(server, other, person.id, code), 422, 'mfa_verification_failed')
  })

  it('let five wrong codes be tried on a challenge, which is good for five minutes in its session', async () => {
    const person = await openWithFactor(server)
    const [one, other] = [await signIn(server, person), await signIn(server, person)]
    const path = `/factors/${person.id}/verify`
    const answer = (bearer: string, challenge_id: string, code: string) =>
      send(server, 'POST', path, { bearer, json: { challenge_id, code } })
    const worn = await challenge(server, one.access, person.id)
    const wrong = wrongCode(server, person.secret)
    for (let count = 0; count < 5; count++)
      assertRefused(await answer(one.access, worn, wrong), 422, 'mfa_verification_failed')
    const right = nextCode(server, person.secret)
    assertRefused(await answer(one.access, worn, right), 422, 'mfa_challenge_expired')
    const stolen = await challenge(server, other.access, person.id)
    assertRefused(await answer(one.access, stolen, right), 422, 'mfa_factor_not_found')
    assertRefused(await answer(one.access, unknownId, right), 422, 'mfa_factor_not_found')
    const { body } = await send(server, 'POST', `/factors/${person.id}/challenge`, { bearer: one.access })
    assert.deepEqual(Object.keys(body), ['id', 'type', 'expires_at'])
    assert.ok(Math.abs(body.expires_at - server.clock.now() / 1000 - 300) < 10)
    server.clock.advance(301_000)
    assertRefused(
      await answer(one.access, body.id, codeAt(server, person.secret)),
      422,
      'mfa_challenge_expired',
    )
    await stepUp(server, one.access, person)
  })

  it('are told apart by their names, expire while pending, and are ten at most', async () => {
    const { access: bearer } = await openPerson(server)
    const begin = (friendly_name?: string) =>
      send(server, 'POST', '/factors', { bearer, json: { factor_type: 'totp', friendly_name } })
    await enrol(server, bearer)
    const conflict = await begin()
    assertRefused(conflict, 422, 'mfa_factor_name_conflict')
    assert.equal(conflict.body.message, 'A factor with the friendly name "" for this user already exists')
    for (let count = 1; count < 10; count++) await enrol(server, bearer, `No ${count}`)
    assertRefused(await begin('one more'), 422, 'too_many_enrolled_mfa_factors')
    server.clock.advance(301_000)
    assert.equal((await begin()).status, 200)
    assert.equal((await userOf(bearer)).factors.length, 1)
  })

  it('of other kinds, or none, are refused', async () => {
    const { access: bearer } = await openPerson(server)
    for (const [factor_type, status, code] of [
      ['phone', 422, 'mfa_phone_enroll_not_enabled'],
      ['webauthn', 422, 'mfa_webauthn_enroll_not_enabled'],
      ['email', 400, 'validation_failed'],
      [undefined, 400, 'validation_failed'],
    ] as const)
      assertRefused(await send(server, 'POST', '/factors', { bearer, json: { factor_type } }), status, code)
    for (const [method, path] of [
      ['POST', '/factors/nonsense/challenge'],
      ['POST', `/factors/${unknownId}/challenge`],
      ['POST', `/factors/${unknownId}/verify`],
      ['DELETE', `/factors/${unknownId}`],
    ] as const)
      assertRefused(await send(server, method, path, { bearer }), 404, 'mfa_factor_not_found')
  })

  it('of one account are nothing to another', async () => {
    const person = await openWithFactor(server)
    const stranger = await openWithFactor(server)
    for (const [method, path] of [
      ['POST', `/factors/${person.id}/challenge`],
      ['POST', `/factors/${person.id}/verify`],
      ['DELETE', `/factors/${person.id}`],
    ] as const)
      assertRefused(
        await send(server, method, path, { bearer: stranger.access, json: {} }),
        404,
        'mfa_factor_not_found',
      )
    assert.equal((await userOf(person.access)).factors.length, 1)
  })

  it('ask for an access token before all else', async () => {
    for (const [method, path] of [
      ['POST', '/factors'],
      ['POST', '/factors/nonsense/challenge'],
      ['POST', '/factors/nonsense/verify'],
      ['DELETE', '/factors/nonsense'],
    ] as const) {
      const answer = await send(server, method, path, method === 'POST' ? { json: { factor_type: 1 } } : {})
      assertRefused(answer, 401, 'no_authorization')
    }
  })

  it('may be several in force, each of which steps up and is removed by itself', async () => {
    const person = await openWithFactor(server, 'Phone')
    const tablet = await enrol(server, person.access, 'Tablet')
    tokensOf(await verify(server, person.access, tablet.id, codeAt(server, tablet.secret)))
    for (const factor of [person, tablet]) {
      const { access } = await signIn(server, person)
      const other = factor === person ? tablet : person
      assertRefused(
        await verify(server, access, factor.id, nextCode(server, other.secret)),
        422,
        'mfa_verification_failed',
      )
      await stepUp(server, access, factor)
    }
    const own = await runCommand(server, ['account', 'export', person.email])
    assert.deepEqual(JSON.parse(own.stdout).secondFactors.furtherAuthenticators[0]?.name, 'Tablet')
    const all = await runCommand(server, ['account', 'export', '--all'])
    const line = all.stdout.split('\n').find((text) => text.includes(person.email)) ?? assert.fail(all.stderr)
    assert.deepEqual(
      JSON.parse(line).totp.map(({ name, secret }: Record<string, string>) => [name, secret]),
      [
        ['Phone', person.secret],
        ['Tablet', tablet.secret],
      ],
    )
    const bearer = person.access
    assert.equal((await send(server, 'DELETE', `/factors/${person.id}`, { bearer })).status, 200)
    const { body } = await send(server, 'GET', '/user', { bearer })
    assert.deepEqual(
      body.factors.map(({ id, friendly_name, status }: Record<string, string>) => [
        id,
        friendly_name,
        status,
      ]),
      [[tablet.id, 'Tablet', 'verified']],
    )
    await server.mail(person.email, /authenticator app .* was removed/)
    const { access } = await signIn(server, person)
    assertRefused(
      await send(server, 'POST', `/factors/${person.id}/challenge`, { bearer: access }),
      404,
      'mfa_factor_not_found',
    )
    const { access: again } = await stepUp(server, access, tablet)
    assert.equal((await send(server, 'DELETE', `/factors/${tablet.id}`, { bearer: again })).status, 200)
    assert.equal(claimsOf((await signIn(server, person)).access).role, 'authenticated')
  })

  it('are removed by a session that has shown them, which has shown the password alone after that', async () => {
    const person = await openWithFactor(server)
    const other = await stepUp(server, (await signIn(server, person)).access, person)
    const { status, body } = await send(server, 'DELETE', `/factors/${person.id}`, { bearer: person.access })
    assert.deepEqual([status, body], [200, { id: person.id }])
    await server.mail(person.email, /second step .* was removed/)
    assertRefused(await send(server, 'GET', '/user', { bearer: other.access }), 403, 'session_not_found')
    const { body: refreshed } = await send(server, 'POST', '/token?grant_type=refresh_token', {
      json: { refresh_token: person.refresh },
    })
    const { aal, role } = claimsOf(refreshed.access_token)
    assert.deepEqual([aal, role], ['aal1', 'authenticated'])
    assert.equal('factors' in refreshed.user, false)
  })
})
