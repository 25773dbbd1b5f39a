import assert from 'node:assert/strict'
import { it } from 'node:test'
import { onEveryEngine } from '../harness/harness.ts'
import { openStore } from './open-store.ts'

onEveryEngine('whoever sends a request', (engine) => {
  const opened = openStore(engine)

  it('is given as whole rows of both tables', async () => {
    const { accounts, sessions, callers } = opened.store
    const account = {
      id: 'a',
      username: 'A',
      email: 'a@example.org',
      phone: '+4915100000',
      password_hash: 'p',
    }
    await accounts.create(
      { ...account, email_verified_at: 1, profile: { a: 1 }, signed_up_through: 'minbil' },
      2,
    )
    const times = {
      rotated_at: 3,
      created_at: 4,
      last_used_at: 5,
      idle_expires_at: 6,
      absolute_expires_at: 7,
    }
    const place = { client_id: 'c', dialect: 'minbil', user_agent: 'u', ip: '192.0.2.1', device: '{}' }
    const secrets = { generation: 8, second_factor_at: 9, master_key_id: 'k' }
    await sessions.create({
      id: 's',
      account_id: 'a',
      proven_at: 10,
      methods: '[]',
      ...times,
      ...place,
      ...secrets,
    })

    const caller = (await callers.live('s', 'minbil', 5)) ?? assert.fail()
    assert.deepEqual(caller.session, { ...(await sessions.byId('s')) })
    assert.deepEqual(caller.account, { ...(await accounts.byId('a')) })
  })

  it('is nobody at another dialect, and when the session is over', async () => {
    const { sessions, callers } = opened.store
    assert.equal(await callers.live('s', 'credebl', 5), undefined)
    assert.equal(await callers.live('s', 'minbil', 6), undefined)
    await sessions.end({ id: 's', account_id: 'a', dialect: 'minbil' }, 'signed_out', 5)
    assert.equal(await callers.live('s', 'minbil', 5), undefined)
  })
})
