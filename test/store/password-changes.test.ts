import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { NewAccount } from '../../src/store/tables/accounts/accounts.ts'
import { onEveryEngine } from '../harness/harness.ts'
import { openStore } from './open-store.ts'

onEveryEngine('the password of an account', (engine) => {
  const opened = openStore(engine)

  const open = async (id: string, account: Omit<NewAccount, 'id'> = { password_hash: 'first' }) =>
    (await opened.store.accounts.create({ id, username: id, ...account }, 1000)) ?? assert.fail()

  it('is another one after each change, in the same millisecond and when the clock is set back', async () => {
    const { accounts } = opened.store
    const id = 'monotonic'
    const read = [await open(id)]
    for (const now of [1000, 1000, 400, 1001, 5000, 4999]) {
      const stale = read.at(-1) ?? assert.fail()
      const changed =
        read.length % 2
          ? await accounts.setPassword(id, `set at ${now}`, now)
          : await accounts.changePassword(stale, `changed at ${now}`, now)
      read.push(changed ?? assert.fail())
      for (const earlier of read.slice(0, -1)) {
        assert.equal(await accounts.recordSignIn(earlier, now), undefined)
        assert.equal(await accounts.recordSignIn(earlier, now, 'its hash'), undefined)
        assert.equal(await accounts.lockIfPasswordUnchanged(earlier, 'its hash'), undefined)
        assert.equal(await accounts.changePassword(earlier, 'its hash', now), undefined)
      }
      assert.equal((await accounts.byId(id))?.password_hash, changed?.password_hash)
    }
    const times = read.map(({ password_changed_at }) => password_changed_at)
    assert.deepEqual(times, [1000, 1001, 1002, 1003, 1004, 5000, 5001])
  })

  it('is the same when it is hashed anew', async () => {
    const { accounts } = opened.store
    const before = await open('rehashed')
    assert.equal((await accounts.recordSignIn(before, 2000, 'second'))?.password_hash, 'second')
    assert.equal((await accounts.recordSignIn(before, 2000))?.password_hash, 'second')
    assert.equal((await accounts.lockIfPasswordUnchanged(before, 'third'))?.password_hash, 'third')
    assert.equal((await accounts.lockIfPasswordUnchanged(before))?.password_hash, 'third')
    assert.equal((await accounts.changePassword(before, 'another', 2000))?.password_hash, 'another')
    assert.equal(await accounts.recordSignIn(before, 2000), undefined)
  })

  it('is marked as one of our own by the statement that sets it or hashes it anew, and by no other', async () => {
    const { accounts } = opened.store
    const imported = async (id: string) => {
      const account = await open(id, { password_hash: '$2b$04$', password_kind: 'bcrypt 4' })
      assert.equal(account.password_kind, 'bcrypt 4')
      return account
    }
    const first = await imported('imported')
    assert.equal((await accounts.recordSignIn(first, 2000))?.password_kind, 'bcrypt 4')
    assert.equal((await accounts.lockIfPasswordUnchanged(first))?.password_kind, 'bcrypt 4')
    assert.equal((await accounts.recordSignIn(first, 2000, 'own'))?.password_kind, null)
    const [locked, changed, set] = [
      await imported('locked'),
      await imported('changed'),
      await imported('set'),
    ]
    assert.equal((await accounts.lockIfPasswordUnchanged(locked, 'own'))?.password_kind, null)
    assert.equal((await accounts.changePassword(changed, 'own', 2000))?.password_kind, null)
    assert.equal((await accounts.setPassword(set.id, 'own', 2000))?.password_kind, null)
    // The reset came first, so the sign-in that checked the old hash is none.
    assert.equal(await accounts.recordSignIn(set, 3000, 'of the old password'), undefined)
    assert.equal((await accounts.byId(set.id))?.password_hash, 'own')
  })

  it('is no longer asked of the old server once it is set here', async () => {
    const { accounts } = opened.store
    await open('pending', { password_pending: 'legacy' })
    const set = await accounts.setPassword('pending', 'own', 2000)
    assert.deepEqual([set?.password_pending, set?.password_kind], [null, null])
    const email = 'pending@example.com'
    await accounts.create({ id: 'squatted', email, password_pending: 'legacy' }, 1000)
    const taken = await accounts.takeOver({ id: 'squatted', name: 'email', value: email, hash: null }, 2000)
    assert.deepEqual([taken?.password_pending, taken?.password_hash], [null, null])
  })

  it('lets nobody in where there is none, or the account is disabled', async () => {
    const { accounts } = opened.store
    const without = await open('without', {})
    assert.equal(without.password_changed_at, null)
    const disabled = await open('disabled')
    await accounts.disable('disabled', 2000)
    for (const account of [without, disabled]) {
      assert.equal(await accounts.recordSignIn(account, 2000, 'hash'), undefined)
      assert.equal(await accounts.lockIfPasswordUnchanged(account, 'hash'), undefined)
      assert.equal(await accounts.changePassword(account, 'hash', 2000), undefined)
    }
    const set = await accounts.setPassword('without', 'first', 2000)
    assert.equal(set?.password_changed_at, 2000)
    assert.equal(await accounts.recordSignIn(without, 2000), undefined)
  })
})
