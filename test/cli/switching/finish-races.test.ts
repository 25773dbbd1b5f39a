import assert from 'node:assert/strict'
import { it } from 'node:test'
import { register } from '../../dialects/wolfpal/door.ts'
import { jsonOf } from '../../harness/command.ts'
import { minbil } from '../../harness/doors.ts'
import { onEveryEngine } from '../../harness/harness.ts'
import { bring, keptPassword, useSwitch } from '../../harness/old-server.ts'

onEveryEngine('switching finish while people sign in', (engine) => {
  const servers = useSwitch(engine)

  it('lets each of them in and keeps the password, or turns them away and keeps none', async () => {
    const people = await Promise.all(Array.from({ length: 8 }, () => register(servers.old)))
    for (const { email } of people) await bring(servers.next, { email, pending: 'minbil' })
    const [first, ...others] = people
    minbil.tokensOf(await minbil.signIn(servers.next, first ?? assert.fail()))
    const signIns = others.map((person) => minbil.signIn(servers.next, person))
    await Promise.race(signIns)
    const [{ finished }] = await jsonOf(servers.next, ['switching', 'finish', 'minbil', '--yes'])

    let refused = 0
    for (const [index, answer] of (await Promise.all(signIns)).entries()) {
      const kept = await keptPassword(servers.next, others[index]?.email ?? '')
      const isIn = answer.status === 200
      assert.deepEqual([kept?.hash !== null, kept?.pending], [isIn, null], answer.text)
      if (isIn) continue
      assert.equal(answer.status, 401, answer.text)
      refused++
    }
    assert.equal(finished, refused)
    const again = await minbil.signIn(servers.next, first ?? assert.fail())
    assert.equal(again.status, 200, again.text)
  })

  it('has who waited told the same as who is unknown, and set a password by mail', async () => {
    const person = await register(servers.old)
    await bring(servers.next, { email: person.email, pending: 'minbil' })
    await jsonOf(servers.next, ['switching', 'finish', 'minbil', '--yes'])
    const unknown = await minbil.signIn(servers.next, { ...person, email: `x${person.email}` })
    const answer = await minbil.signIn(servers.next, person)
    assert.deepEqual([answer.status, answer.body], [unknown.status, unknown.body])
    const [{ link }] = await jsonOf(servers.next, ['account', 'reset', person.email, '--print-link'])
    const form = { token: new URL(link).searchParams.get('token') ?? '', password: 'a password of today' }
    assert.equal((await servers.next.request('POST', '/ui/reset-password', { form })).status, 200)
    minbil.tokensOf(await minbil.signIn(servers.next, { ...person, password: form.password }))
  })
})
