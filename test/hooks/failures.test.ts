import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { login, register, signUp } from '../dialects/wolfpal/door.ts'
import { execute, select } from '../harness/database.ts'
import { onEveryEngine } from '../harness/harness.ts'
import { trailOf, useHooks } from './receiver.ts'

const broken = { decision: 'perhaps' }

onEveryEngine('a hook that gives no answer, where nobody is let in then', (engine) => {
  const { server, receiver } = useHooks(engine)
  const trail = () => select(server.env.DATABASE_URL ?? '', trailOf('hook.failed'))

  it('keeps people from signing in and up, says when to come again, and is written down', async () => {
    const person = await register(server)
    await execute(server.env.DATABASE_URL ?? '', 'delete from audit')
    receiver.answer(broken)
    const answer = await login(server, person)
    assert.equal(answer.status, 503, answer.text)
    assert.equal(answer.headers.get('retry-after'), '5')
    await assert.rejects(signUp(server), /503/)
    const [signIn, other, ...more] = await trail()
    assert.deepEqual(more, [])
    assert.deepEqual([signIn?.outcome, signIn?.detail], ['refused', 'beforeSignIn unexpected'])
    assert.match(String(signIn?.account_id), /^[\da-f-]{36}$/)
    assert.deepEqual(
      [other?.outcome, other?.detail, other?.account_id],
      ['refused', 'beforeSignUp unexpected', null],
    )
  })

  it('holds nobody up by answers that are none, such as a change of the protocol', async () => {
    receiver.answer({ decision: 'allow' })
    const person = await register(server)
    const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'
    receiver.fake.answer = (response) => void response.socket?.write(upgrade)
    const answer = await login(server, person)
    assert.equal(answer.status, 503, answer.text)
  })
})

describe('a hook that gives no answer, where everybody is let in then', () => {
  const { server, receiver } = useHooks('sqlite', {
    settings: { onFailure: 'allow' },
    env: { MANYDOORS_METRICS_PORT: '0' },
  })

  it('lets people in, and is written down and counted', async () => {
    receiver.answer(broken)
    const person = await register(server)
    const answer = await login(server, person)
    assert.equal(answer.status, 200, answer.text)
    const rows = await select(server.env.DATABASE_URL ?? '', trailOf('hook.failed'))
    assert.deepEqual(
      rows.map(({ outcome, detail }) => [outcome, detail]),
      [
        ['success', 'beforeSignUp unexpected'],
        ['success', 'beforeSignIn unexpected'],
      ],
    )
    const metrics = await (await fetch(`${server.metricsUrl}/metrics`)).text()
    assert.match(
      metrics,
      /manydoors_hook_asks_total\{realm="main",hook="beforeSignIn",outcome="unexpected"\} 1/,
    )
    assert.ok(!server.log.some((line) => JSON.stringify(line).includes('perhaps')))
  })

  it('refuses whom the hook refuses', async () => {
    receiver.answer({ decision: 'allow' })
    const person = await register(server)
    receiver.answer({ decision: 'refuse', code: 'email_unverified' })
    const answer = await login(server, person)
    assert.equal(answer.body.code, 'PENDING_CONFIRMATION')
  })
})
