import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { RealmContext } from '../../../src/core/context.ts'
import { deriveSecrets } from '../../../src/core/keys/secrets.ts'
import { createDecoys } from '../../../src/core/passwords/decoys.ts'
import { onEveryEngine } from '../../harness/harness.ts'
import { sampleKey } from '../../harness/master-keys.ts'
import { openStore } from '../../store/open-store.ts'

const names = Array.from({ length: 2000 }, (_, index) => `email:nobody-${index}@example.com`)

onEveryEngine('what a name is checked against that nobody has', (engine) => {
  const opened = openStore(engine)
  let now = 0
  const decoysUnder = (...keys: number[]) => {
    const [primary = sampleKey(1), ...previous] = keys.map(sampleKey)
    const secrets = deriveSecrets({ primary, next: [], previous })
    const parts = { realm: { name: 'main' }, store: opened.store, secrets, now: () => now }
    return createDecoys(parts as unknown as RealmContext)
  }
  let created = 0
  const add = async (
    count: number,
    password_kind?: string,
    password_hash: string | undefined = password_kind,
  ) => {
    for (let index = 0; index < count; index++) {
      const id = `account-${created++}`
      const password = { ...(password_hash && { password_hash }), ...(password_kind && { password_kind }) }
      await opened.store.accounts.create({ id, username: id, ...password }, 1)
    }
  }
  const upgrade = async (kind: string, count: number) => {
    let left = count
    const { found } = await opened.store.accounts.list({ after: '', max: 1000 })
    for (const account of found)
      if (account.password_kind === kind && left-- > 0)
        await opened.store.accounts.recordSignIn(account, 2, 'own')
  }
  /** Every name's, and what part of them each is. */
  const draw = (decoys: ReturnType<typeof createDecoys>) => names.map((name) => decoys.of(name) ?? 'own')
  const share = (drawn: string[], kind: string) => drawn.filter((one) => one === kind).length / drawn.length

  it('is one of our own where no account has another', async () => {
    const decoys = decoysUnder(1)
    await add(20, undefined, 'own')
    await decoys.refresh()
    assert.deepEqual(new Set(draw(decoys)), new Set(['own']))
    assert.deepEqual(decoys.counts(), { accounts: 0, pending: 0, imported: 0 })
  })

  it('is of each kind as often as accounts are, and the same on every node and whenever it is asked', async () => {
    await add(60, 'bcrypt 12')
    await add(20, 'wrapped md5')
    const [decoys, elsewhere] = [decoysUnder(1), decoysUnder(1)]
    for (const node of [decoys, elsewhere]) await node.refresh()
    const drawn = draw(decoys)
    assert.deepEqual(draw(elsewhere), drawn)
    assert.deepEqual(draw(decoys), drawn)
    // Four standard deviations.
    const near = (kind: string, expected: number) =>
      assert.ok(Math.abs(share(drawn, kind) - expected) < 0.045, `${kind}: ${share(drawn, kind)}`)
    near('bcrypt 12', 0.6)
    near('wrapped md5', 0.2)
    near('own', 0.2)
    assert.deepEqual(decoys.counts(), { accounts: 100, pending: 0, imported: 80 })
  })

  it('cannot be told without the master key, and stays while a new one is given', async () => {
    const [decoys, changing, others] = [decoysUnder(1), decoysUnder(2, 1), decoysUnder(2)]
    for (const each of [decoys, changing, others]) await each.refresh()
    assert.deepEqual(draw(changing), draw(decoys))
    const drawn = draw(decoys)
    const same = draw(others).filter((kind, index) => kind === drawn[index]).length / drawn.length
    assert.ok(same < 0.6, `as good as by chance would be 0.44: ${same}`)
  })

  it('goes over to our own as accounts do, and from one foreign kind to no other', async () => {
    const decoys = decoysUnder(1)
    await decoys.refresh()
    const before = draw(decoys)
    await upgrade('bcrypt 12', 30)
    await upgrade('wrapped md5', 10)
    await decoys.refresh()
    assert.deepEqual(draw(decoys), before, 'shares are not counted each time')
    now += 3_600_000
    await decoys.refresh()
    const after = draw(decoys)
    for (const [index, kind] of after.entries())
      assert.ok(kind === before[index] || kind === 'own', `${before[index]} became ${kind}`)
    assert.ok(Math.abs(share(after, 'own') - 0.6) < 0.045, `own: ${share(after, 'own')}`)
  })

  it('is told of a new kind at the next look, and of one that is gone', async () => {
    const decoys = decoysUnder(1)
    await decoys.refresh()
    await add(300, 'pbkdf2 600000')
    await decoys.refresh()
    assert.ok(share(draw(decoys), 'pbkdf2 600000') > 0.5)
    for (const kind of ['pbkdf2 600000', 'bcrypt 12', 'wrapped md5']) await upgrade(kind, 1000)
    await decoys.refresh()
    assert.deepEqual(new Set(draw(decoys)), new Set(['own']))
    assert.equal(decoys.counts().imported, 0)
  })

  it('leaves accounts without a hash out, and those whose password an old server knows', async () => {
    const decoys = decoysUnder(1)
    for (let index = 0; index < 40; index++) {
      const id = `pending-${index}`
      await opened.store.accounts.create({ id, username: id, password_pending: 'legacy' }, 1)
    }
    await add(10, 'bcrypt 12')
    await decoys.refresh()
    assert.deepEqual(decoys.counts(), { accounts: 450, pending: 40, imported: 10 })
    assert.ok(Math.abs(share(draw(decoys), 'own') - 400 / 410) < 0.03)
  })
})
