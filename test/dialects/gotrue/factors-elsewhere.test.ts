import assert from 'node:assert/strict'
import { it } from 'node:test'
import { claimsOf, onEveryEngine, useServer } from '../../harness/harness.ts'
import * as wolfpal from '../wolfpal/door.ts'
import { assertRefused, enrol, openWithFactor, send, signIn, stepUp, tokensOf, verify } from './factors.ts'

onEveryEngine('factors at gotrue and at other doors', (engine) => {
  const server = useServer(engine)

  const factorsOf = async (bearer: string): Promise<Record<string, string>[]> =>
    (await send(server, 'GET', '/user', { bearer })).body.factors ?? []

  it('are those of the account, wherever it has set them up', async () => {
    const person = await wolfpal.registerWithSecondFactor(server)
    const { access } = await signIn(server, person)
    assert.equal(claimsOf(access).role, 'mfa_pending')
    const [factor, ...others] = await factorsOf(access)
    assert.ok(factor)
    assert.deepEqual([others, factor.status, factor.factor_type], [[], 'verified', 'totp'])
    assert.match(factor.id ?? '', wolfpal.uuid)
    assert.equal('friendly_name' in factor, false)
    const again = await signIn(server, person)
    assert.equal((await factorsOf(again.access))[0]?.id, factor.id)
    const { access: shown } = await stepUp(server, access, { id: factor.id ?? '', secret: person.secret })
    assert.deepEqual([claimsOf(shown).role, claimsOf(shown).aal], ['authenticated', 'aal2'])
    // What was signed in to at the other door has shown a code there.
    assert.equal((await wolfpal.whoAmI(server, person.access)).status, 200)
    assert.equal((await send(server, 'DELETE', `/factors/${factor.id}`, { bearer: shown })).status, 200)
    assert.equal((await wolfpal.whoAmI(server, person.access)).status, 401)
    await wolfpal.signIn(server, person)
  })

  it('take a recovery code of the account once, which ends every other session', async () => {
    const person = await wolfpal.registerWithSecondFactor(server)
    const [code = '', ...rest] = person.backupCodes
    const { access } = await signIn(server, person)
    const [{ id = '' } = {}] = await factorsOf(access)
    const spelled = `${code.slice(0, 4)}-${code.slice(4).toUpperCase()}`
    const { access: shown } = tokensOf(await verify(server, access, id, spelled))
    assert.equal(claimsOf(shown).aal, 'aal2')
    await server.mail(person.email, /recovery code/i)
    assert.equal((await wolfpal.whoAmI(server, person.access)).status, 401)
    const { access: next } = await signIn(server, person)
    assertRefused(await verify(server, next, id, code), 422, 'mfa_verification_failed')
    assertRefused(await verify(server, next, id, 'not-a-code'), 422, 'mfa_verification_failed')
    assert.equal(claimsOf(tokensOf(await verify(server, next, id, rest[0] ?? '')).access).aal, 'aal2')
  })

  it('are asked for at every door, any of them, and go together there', async () => {
    const person = await openWithFactor(server, 'Phone')
    const tablet = await enrol(server, person.access, 'Tablet')
    tokensOf(await verify(server, person.access, tablet.id, wolfpal.codeAt(server, tablet.secret)))
    const wolf = { ...person, username: '' }
    for (const { secret } of [person, tablet]) {
      const challenge = await wolfpal.challengeFor(server, wolf)
      const code = wolfpal.nextCode(server, secret)
      wolfpal.tokensOf(await wolfpal.answerChallenge(server, challenge, code))
      const used = await wolfpal.answerChallenge(server, await wolfpal.challengeFor(server, wolf), code)
      assert.equal(used.status, 401, used.text)
    }
    const challenge = await wolfpal.challengeFor(server, wolf)
    const wrong = await wolfpal.answerChallenge(server, challenge, wolfpal.wrongCode(server, person.secret))
    assert.equal(wrong.status, 401)
    const { access } = wolfpal.tokensOf(
      await wolfpal.answerChallenge(server, challenge, wolfpal.nextCode(server, tablet.secret)),
    )
    const removed = await wolfpal.disable(server, access, wolfpal.nextCode(server, person.secret))
    assert.equal(removed.status, 200, removed.text)
    const { access: free } = await signIn(server, person)
    assert.equal(claimsOf(free).role, 'authenticated')
    assert.deepEqual(await factorsOf(free), [])
  })

  it('that are begun at another door count for nothing, and neither do their recovery codes', async () => {
    const person = await wolfpal.registerAndSignIn(server)
    const { backupCodes } = await wolfpal.enrol(server, person.access)
    const { access } = await signIn(server, person)
    assert.equal(claimsOf(access).role, 'authenticated')
    const factor = await enrol(server, access)
    const code = wolfpal.codeAt(server, factor.secret)
    tokensOf(await verify(server, access, factor.id, code))
    const { access: pending } = await signIn(server, person)
    assert.deepEqual(
      (await factorsOf(pending)).map(({ id }) => id),
      [factor.id],
    )
    for (const shown of [backupCodes[0] ?? '', code])
      assertRefused(await verify(server, pending, factor.id, shown), 422, 'mfa_verification_failed')
  })
})
