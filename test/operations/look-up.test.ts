import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { limits } from '../../src/core/limits/limits.ts'
import { rulesOfNobody, rulesOfSomebody } from '../../src/core/limits/look-up.ts'
import { refusedLately } from '../../src/core/limits/refused-lately.ts'
import { jsonOf, runCommand } from '../harness/command.ts'
import { select } from '../harness/database.ts'
import { freshEmail, onEveryEngine, useServer } from '../harness/harness.ts'
import { withRealm } from '../harness/realm.ts'
import { assertLimited, assertStatus, behindProxy, freshAddress, signIn, signUp } from '../limits/callers.ts'

const wrong = 'a wrong password'
/** Wrong passwords of one account at one address, here. */
const maxWrong = 3

onEveryEngine('the counts of limits', (engine) => {
  const server = useServer(engine, {
    limits: 'real',
    // So that commands know them, too.
    yaml: `limits: {
      sign-in-account-at-address: { points: ${maxWrong}, per: 15m },
      sign-in-address: { points: 5, per: 15m } }`,
    env: behindProxy,
  })

  it('are found by what an operator types: an account by each of its names, or an address', async () => {
    const [person, address] = [await signUp(server), freshAddress()]
    for (let count = 0; count < maxWrong; count++)
      assertStatus(401, await signIn(server, address, { ...person, password: wrong }))
    const [{ id } = {}] = await jsonOf(server, ['account', 'show', person.email])
    for (const typed of [person.email, person.email.toUpperCase(), String(id)]) {
      const counts = await jsonOf(server, ['limits', 'show', typed])
      const own = counts.find(({ rule }) => rule === 'sign-in-account-at-address')
      assert.deepEqual(
        [own?.used, own?.points, own?.address, own?.who],
        [maxWrong, maxWrong, address, `email:${person.email}`],
        typed,
      )
      assert.ok(Date.parse(own?.endsAt) > Date.now())
      assert.equal(counts.find(({ rule }) => rule === 'sign-in-account')?.used, maxWrong)
    }
    const ofAddress = await jsonOf(server, ['limits', 'show', address])
    assert.deepEqual(
      ofAddress.map(({ rule, used, points }) => [rule, used, points]),
      [['sign-in-address', maxWrong, 5]],
    )
  })

  it('are found for a name that nobody has, too', async () => {
    const [email, address] = [freshEmail(), freshAddress()]
    assertStatus(401, await signIn(server, address, { email, password: wrong }))
    const counts = await jsonOf(server, ['limits', 'show', email])
    assert.ok(counts.some(({ rule, used }) => rule === 'sign-in-account' && used === 1))
    const { code, stdout, stderr } = await runCommand(server, ['limits', 'show', freshEmail()])
    assert.deepEqual([code, stdout], [0, ''])
    assert.match(stderr, /nothing is counted/)
  })

  it('are cleared with a trace, so that the right password gets in at once', async () => {
    const [person, address] = [await signUp(server), freshAddress()]
    for (let count = 0; count < maxWrong; count++)
      assertStatus(401, await signIn(server, address, { ...person, password: wrong }))
    const [cleared] = await jsonOf(server, ['limits', 'clear', person.email])
    assert.ok(cleared.cleared.some(({ rule }: { rule: string }) => rule === 'sign-in-account-at-address'))
    assert.deepEqual(await jsonOf(server, ['limits', 'show', person.email]), [])
    assertStatus(200, await signIn(server, address, person))
    const [event, ...others] = await jsonOf(server, [
      'audit',
      '--account',
      person.email,
      '--event',
      'limits.cleared',
    ])
    assert.deepEqual([event?.actor, others], ['cli', []])
  })

  it('of an address are cleared together with those of the /48 around it', async () => {
    const address = '2001:db8:77::1'
    assertStatus(401, await signIn(server, address, { email: freshEmail(), password: wrong }))
    const show = async () =>
      (await jsonOf(server, ['limits', 'show', address])).map(({ rule, points }) => [rule, points])
    assert.deepEqual(await show(), [
      ['sign-in-address', 5],
      ['sign-in-address-customer', 40],
    ])
    await jsonOf(server, ['limits', 'clear', address])
    assert.deepEqual(await show(), [])
  })

  it('say which addresses were refused most lately', async () => {
    const [person, address] = [await signUp(server), freshAddress()]
    for (let count = 0; count < maxWrong; count++)
      await signIn(server, address, { ...person, password: wrong })
    assertLimited(await signIn(server, address, person))
    const lately = () => withRealm(server, refusedLately)
    const found = (await lately()).find(({ ip }) => ip === address)
    assert.ok((found?.refusals ?? 0) >= maxWrong, String(found?.refusals))
    assert.ok(Math.abs((found?.lastAt ?? 0) - server.clock.now()) < 60_000)
    const counts = (await lately()).map(({ refusals }) => refusals)
    assert.deepEqual(
      counts,
      counts.toSorted((one, other) => other - one),
    )
    server.clock.advance(61 * 60_000)
    assert.deepEqual(await lately(), [])
  })

  if (engine === 'sqlite')
    it('say so from an index that has all of it', async () => {
      const plan = await select(
        server.env.DATABASE_URL ?? '',
        `explain query plan select id, ip from audit where realm = 'main' and outcome = 'refused'
          and ip is not null and id >= '0' order by id desc limit 100`,
      )
      assert.match(JSON.stringify(plan), /USING COVERING INDEX audit_refused/)
    })
})

describe('what an operator can look up', () => {
  it('is every limit, but for those of nobody who could be typed', () => {
    const names = [...rulesOfSomebody, ...rulesOfNobody].map(({ name }) => name)
    assert.deepEqual(
      names.toSorted(),
      Object.values(limits)
        .map(({ name }) => name)
        .toSorted(),
    )
  })
})
