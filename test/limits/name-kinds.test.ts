import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as pm2 from '../dialects/pm2/door.ts'
import * as vastly from '../dialects/vastly/door.ts'
import * as wolfpal from '../dialects/wolfpal/door.ts'
import { jsonOf, runCommand } from '../harness/command.ts'
import { execute } from '../harness/database.ts'
import { onEveryEngine, useServer } from '../harness/harness.ts'
import { behindProxy, freshAddress, from } from './callers.ts'

onEveryEngine('a user name that is written like the phone number of somebody else', (engine) => {
  const server = useServer(engine, { env: behindProxy, limits: 'real' })

  it('clears no count of wrong passwords but its own, and shares no trail', async () => {
    const mobile = vastly.freshPhone()
    const owner = from(server, freshAddress())
    await vastly.register(owner, { mobile })
    const mallory = await pm2.register(from(server, freshAddress()))
    // No door takes such a name, so it is written past them.
    const name = `username = '${mobile}', username_key = '${mobile}'`
    const databaseUrl = server.env.DATABASE_URL ?? ''
    await execute(databaseUrl, `update accounts set ${name} where email = '${mallory.email}'`)

    const attacker = from(server, freshAddress())
    const guess = () => vastly.post(attacker, '/login', { json: { mobile, password: 'some-other-password' } })
    for (let guesses = 0; guesses < 10; guesses++) {
      assert.equal((await guess()).status, 401)
      await pm2.signIn(attacker, { username: mobile, password: mallory.password })
    }
    assert.equal((await guess()).status, 429)

    const ofMallory = await jsonOf(server, ['audit', '--account', mallory.email, '--event', 'sign_in'])
    assert.deepEqual([...new Set(ofMallory.map(({ outcome }) => outcome))], ['success'])
    const guesses = async () =>
      (await jsonOf(server, ['audit', '--account', `phone:${mobile}`, '--event', 'sign_in'])).filter(
        ({ outcome }) => outcome === 'refused',
      ).length
    assert.equal(await guesses(), 10)
    const [shown] = await jsonOf(server, ['account', 'show', `username:${mobile}`])
    assert.equal(shown.email, mallory.email)
    await jsonOf(server, ['account', 'delete', `username:${mobile}`, '--yes'])
    assert.equal(await guesses(), 10)
  })
})

onEveryEngine('a user name that is written like the key of somebody else', (engine) => {
  const server = useServer(engine, { env: behindProxy })

  it('reaches no row of the trail that is about them', async () => {
    const mobile = vastly.freshPhone()
    const owner = from(server, freshAddress())
    await vastly.register(owner, { mobile })
    await vastly.post(owner, '/forgotpass/mobile', { json: { mobile } })
    const mallory = await pm2.register(from(server, freshAddress()))
    // No door takes such a name, so it is written past them.
    const name = `username = 'phone:${mobile}', username_key = 'phone:${mobile}'`
    await execute(
      server.env.DATABASE_URL ?? '',
      `update accounts set ${name} where email = '${mallory.email}'`,
    )

    const requests = () =>
      jsonOf(server, ['audit', '--account', `phone:${mobile}`, '--event', 'password.reset_requested'])
    const before = await requests()
    assert.ok(before.length > 0)
    const { stdout } = await runCommand(server, ['account', 'export', mallory.email])
    assert.ok(!stdout.includes('password.reset_requested'), stdout)
    await jsonOf(server, ['account', 'delete', mallory.email, '--yes'])
    assert.deepEqual(await requests(), before)
  })
})

describe('a new user name', () => {
  const server = useServer('sqlite')

  it('may not look like a phone number, an e-mail address or an id', async () => {
    const id = '01890000-0000-7000-8000-000000000000'
    const numbers = [
      '+4791234567',
      '+47 912 34 567',
      '\uff0b4791234567',
      '004791234567',
      '(47) 912-34-567',
      'tel:+4791234567',
    ]
    for (const username of [
      ...numbers,
      '91234567',
      '٩١٢٣٤٥٦٧',
      id,
      id.toUpperCase(),
      id.replaceAll('-', ''),
      'ada\uff20example.com',
      'phone:+4791234567',
      'Email:ada',
      'username: bob',
      'ID:ada',
    ]) {
      const json = pm2.registration({ ...pm2.freshPerson(), username })
      const answer = await pm2.send(server, 'POST', '/register', { json })
      assert.equal(answer.status, 400, username)
      assert.deepEqual(Object.keys(answer.body), ['username', 'msg'], username)
    }
    const json = { ...wolfpal.freshPerson(), username: '4791234567' }
    const answer = await wolfpal.send(server, 'POST', '/auth/register', { json })
    wolfpal.assertFieldsRefused(answer, { username: 'INVALID' })
  })

  it('may hold digits all the same', async () => {
    for (const username of ['agent 007', '4711', 'x4791234567', 'a+b'])
      await pm2.register(server, { person: { ...pm2.freshPerson(), username } })
  })
})
