import assert from 'node:assert/strict'
import { it } from 'node:test'
import { claimsOf, onEveryEngine, useServer } from '../../harness/harness.ts'
import { nextCode, wrongCode } from '../wolfpal/door.ts'
import { assertRefused, authClient, dataOf, doorSettings, sessionOf, signUpConfirmed } from './auth-js.ts'

onEveryEngine('auth-js with a second factor', (engine) => {
  const server = useServer(engine, { yaml: doorSettings() })
  const levelsOf = async (auth: ReturnType<typeof authClient>) => {
    const { currentLevel, nextLevel } = dataOf(await auth.mfa.getAuthenticatorAssuranceLevel())
    return [currentLevel, nextLevel]
  }

  it('enrols it, steps up with it at each sign-in, and removes it', async () => {
    const auth = authClient(server)
    const person = await signUpConfirmed(server, auth)
    assert.deepEqual(await levelsOf(auth), ['aal1', 'aal1'])
    const { id: factorId, totp } = dataOf(
      await auth.mfa.enroll({ factorType: 'totp', friendlyName: 'My phone' }),
    )
    assert.match(totp.qr_code, /^data:image\/svg\+xml;utf-8,<svg[^#\n]*<\/svg>$/)
    assert.equal(new URL(totp.uri).searchParams.get('secret'), totp.secret)
    const conflict = await auth.mfa.enroll({ factorType: 'totp', friendlyName: 'My phone' })
    assertRefused(conflict, 422, 'mfa_factor_name_conflict')

    const { id: challengeId, expires_at } = dataOf(await auth.mfa.challenge({ factorId }))
    assert.ok(expires_at > server.clock.now() / 1000 && expires_at <= server.clock.now() / 1000 + 300)
    const wrong = { factorId, challengeId, code: wrongCode(server, totp.secret) }
    assertRefused(await auth.mfa.verify(wrong), 422, 'mfa_verification_failed')
    const events: string[] = []
    auth.onAuthStateChange((event) => void events.push(event))
    const code = nextCode(server, totp.secret)
    const stepped = dataOf(await auth.mfa.verify({ factorId, challengeId, code }))
    assert.equal(events.at(-1), 'MFA_CHALLENGE_VERIFIED')
    const claims = claimsOf(stepped.access_token)
    assert.equal(claims.session_id, claimsOf(person.session.access_token).session_id)
    assert.equal(claims.amr[0].method, 'totp')
    assert.deepEqual(await levelsOf(auth), ['aal2', 'aal2'])
    const listed = dataOf(await auth.mfa.listFactors())
    assert.deepEqual(
      listed.totp.map(({ id, friendly_name }) => [id, friendly_name]),
      [[factorId, 'My phone']],
    )

    // A right password alone opens nothing but the way to the second factor.
    const other = authClient(server)
    const pending = sessionOf(await other.signInWithPassword(person))
    assert.equal(claimsOf(pending.access_token).role, 'mfa_pending')
    assert.deepEqual(await levelsOf(other), ['aal1', 'aal2'])
    assertRefused(await other.updateUser({ data: { taken: true } }), 401, 'insufficient_aal')
    assertRefused(await other.mfa.enroll({ factorType: 'totp' }), 403, 'insufficient_aal')
    assertRefused(await other.mfa.unenroll({ factorId }), 422, 'insufficient_aal')
    assert.equal(claimsOf(sessionOf(await other.refreshSession()).access_token).aal, 'aal1')
    dataOf(await other.mfa.challengeAndVerify({ factorId, code: nextCode(server, totp.secret) }))
    const refreshed = claimsOf(sessionOf(await other.refreshSession()).access_token)
    assert.deepEqual([refreshed.aal, refreshed.role], ['aal2', 'authenticated'])

    assert.equal(dataOf(await other.mfa.unenroll({ factorId })).id, factorId)
    assert.deepEqual(dataOf(await other.mfa.listFactors()).all, [])
    const last = authClient(server)
    sessionOf(await last.signInWithPassword(person))
    assert.deepEqual(await levelsOf(last), ['aal1', 'aal1'])
  })

  it('ends a challenge with its fifth wrong code', async () => {
    const auth = authClient(server)
    await signUpConfirmed(server, auth)
    const { id: factorId, totp } = dataOf(await auth.mfa.enroll({ factorType: 'totp' }))
    const { id: challengeId } = dataOf(await auth.mfa.challenge({ factorId }))
    const wrong = { factorId, challengeId, code: wrongCode(server, totp.secret) }
    for (let count = 0; count < 5; count++)
      assertRefused(await auth.mfa.verify(wrong), 422, 'mfa_verification_failed')
    const right = { factorId, challengeId, code: nextCode(server, totp.secret) }
    assertRefused(await auth.mfa.verify(right), 422, 'mfa_challenge_expired')
    // Another challenge is judged again.
    dataOf(await auth.mfa.challengeAndVerify({ factorId, code: right.code }))
  })

  it('is told that factors of other kinds, and of nobody, are not there', async () => {
    const auth = authClient(server)
    const enrolPhone = () => auth.mfa.enroll({ factorType: 'phone', phone: '+4799999999' })
    assertRefused(await enrolPhone(), 401, 'no_authorization')
    await signUpConfirmed(server, auth)
    assertRefused(await enrolPhone(), 422, 'mfa_phone_enroll_not_enabled')
    assertRefused(await auth.mfa.enroll({ factorType: 'webauthn' }), 422, 'mfa_webauthn_enroll_not_enabled')
    const factorId = '0198c1de-0000-7000-8000-000000000000'
    assertRefused(await auth.mfa.challenge({ factorId }), 404, 'mfa_factor_not_found')
    assertRefused(await auth.mfa.unenroll({ factorId }), 404, 'mfa_factor_not_found')
  })
})
