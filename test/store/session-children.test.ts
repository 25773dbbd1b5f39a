import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import type { SessionRow } from '../../src/store/schema.ts'
import { onEveryEngine } from '../harness/harness.ts'
import { openStore } from './open-store.ts'

onEveryEngine('sessions that hang on another', (engine) => {
  const opened = openStore(engine)
  let made = 0

  before(async () => {
    await opened.store.accounts.create({ id: 'a', profile: {}, signed_up_through: 'minbil' }, 1)
  })

  const newSession = (more: Partial<SessionRow>) => ({
    id: `s${++made}`,
    account_id: 'a',
    client_id: 'c',
    generation: 1,
    rotated_at: 1,
    created_at: made,
    last_used_at: 1,
    idle_expires_at: 1000,
    absolute_expires_at: 1000,
    user_agent: null,
    ip: null,
    device: null,
    second_factor_at: null,
    proven_at: null,
    methods: '[]',
    master_key_id: 'k',
    dialect: 'account',
    ...more,
  })
  const openBrowser = () => opened.store.sessions.create(newSession({}))
  const childOf = ({ id }: SessionRow, grant_id = 'g') =>
    newSession({ dialect: 'openid', parent_id: id, grant_id })

  it('end with it, fifty times, though they are made while it is ended', async () => {
    for (let round = 0; round < 50; round++) {
      const browser = await openBrowser()
      const child = childOf(browser)
      const { promise: isHeld, resolve: hold } = Promise.withResolvers<void>()
      const opening = opened.store.transaction(async (store) => {
        assert.ok(await store.sessions.holdLive(browser.id, 'account', 5))
        hold()
        return store.sessions.create(child)
      })
      await isHeld
      await Promise.all([opening, opened.store.sessions.end(browser, 'signed_out', 5)])
      assert.equal((await opened.store.sessions.byId(child.id))?.ended_why, 'signed_out')
    }
  })

  it('are not made for one that has ended or expired', async () => {
    const browser = await openBrowser()
    const hold = (now: number) => opened.store.sessions.holdLive(browser.id, 'account', now)
    assert.deepEqual({ ...(await hold(5)) }, { ...browser })
    assert.equal(await opened.store.sessions.holdLive(browser.id, 'openid', 5), undefined)
    assert.equal(await hold(1000), undefined)
    await opened.store.sessions.end(browser, 'signed_out', 5)
    assert.equal(await hold(5), undefined)
  })

  it('end through the door of browsers, and not through another one', async () => {
    const [one, other] = [await openBrowser(), await openBrowser()]
    const { sessions } = opened.store
    const children = [await sessions.create(childOf(one)), await sessions.create(childOf(other))]
    const elsewhere = await sessions.create(newSession({ dialect: 'minbil' }))
    await sessions.endAllThrough({ accountId: 'a', dialect: 'minbil' }, 'signed_out', 6)
    for (const { id } of children) assert.ok(await sessions.liveById(id, 'openid', 6))
    await sessions.endAllThrough({ accountId: 'a', dialect: 'account' }, 'signed_out', 7)
    for (const { id } of children) {
      const { ended_at, ended_why } = (await sessions.byId(id)) ?? assert.fail()
      assert.deepEqual([ended_at, ended_why], [7, 'signed_out'])
    }
    assert.equal((await sessions.byId(elsewhere.id))?.ended_at, 6)
  })

  it('are found by what was allowed to their app', async () => {
    const { sessions } = opened.store
    const browser = await openBrowser()
    const [first, second] = [
      await sessions.create(childOf(browser, 'h')),
      await sessions.create(childOf(browser, 'h')),
    ]
    const other = await sessions.create(childOf(browser, 'i'))
    const idsOf = (rows: SessionRow[]) => rows.map(({ id }) => id)
    assert.deepEqual(idsOf(await sessions.liveByGrant('h', 8)), [first.id, second.id])
    assert.deepEqual(await sessions.liveByGrant('h', 1000), [])
    await sessions.end(first, 'signed_out', 8)
    assert.deepEqual(idsOf(await sessions.liveByGrant('h', 8)), [second.id])
    assert.deepEqual(idsOf(await sessions.liveByGrant('i', 8)), [other.id])
  })
})
