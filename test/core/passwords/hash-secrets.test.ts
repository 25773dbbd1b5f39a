import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { it } from 'node:test'
import type { RealmContext } from '../../../src/core/context.ts'
import { resealRealm } from '../../../src/core/keys/resealing.ts'
import { deriveSecrets } from '../../../src/core/keys/secrets.ts'
import {
  createHashSecrets,
  keepHashSecret,
  openHashSecretKeeper,
} from '../../../src/core/passwords/hash-secrets.ts'
import { onEveryEngine } from '../../harness/harness.ts'
import { openStore } from '../../store/open-store.ts'

onEveryEngine('a secret that hashes of another system were made with', (engine) => {
  const opened = openStore(engine)
  const [old, fresh] = [randomBytes(32), randomBytes(32)]
  const logged: object[] = []
  const contextOf = (masterKeys: { primary: Buffer; previous?: Buffer[] }) => {
    const secrets = deriveSecrets({ next: [], previous: [], ...masterKeys })
    const log = { error: (fields: object) => logged.push(fields) }
    const parts = { realm: { name: 'main' }, store: opened.store, secrets, log, randomBytes, now: () => 1000 }
    return parts as unknown as RealmContext
  }
  const pepper = Buffer.from('a pepper from the old configuration')

  it('is sealed, and has one id however often and by whomever it is kept', async () => {
    const ctx = contextOf({ primary: old })
    const ids = await Promise.all(Array.from({ length: 4 }, () => keepHashSecret(ctx, pepper)))
    const id = await keepHashSecret(ctx, pepper)
    assert.deepEqual(new Set(ids), new Set([id]))
    assert.notEqual(await keepHashSecret(ctx, Buffer.from('another')), id)
    const rows = await opened.store.hashSecrets.list()
    assert.equal(rows.length, 2)
    for (const text of [pepper.toString(), pepper.toString('base64'), pepper.toString('hex')])
      assert.ok(!JSON.stringify(rows).includes(text))
    assert.deepEqual(await createHashSecrets(ctx).secretOf(id), pepper)
  })

  it('is named before it is kept, so that a dry run keeps nothing', async () => {
    const ctx = contextOf({ primary: old })
    const keeper = await openHashSecretKeeper(ctx)
    const id = keeper.idOf(Buffer.from('of a dry run'))
    assert.equal(keeper.idOf(Buffer.from('of a dry run')), id)
    assert.equal(await opened.store.hashSecrets.byId(id), undefined)
    await keeper.save()
    assert.deepEqual(await createHashSecrets(ctx).secretOf(id), Buffer.from('of a dry run'))
  })

  it('goes on to a new master key, and keeps its id', async () => {
    const id = await keepHashSecret(contextOf({ primary: old }), pepper)
    const both = contextOf({ primary: fresh, previous: [old] })
    assert.equal(await keepHashSecret(both, pepper), id)
    assert.equal((await resealRealm(both, 100)).done, 3)
    const after = contextOf({ primary: fresh })
    assert.deepEqual(await createHashSecrets(after).secretOf(id), pepper)
    assert.equal(await keepHashSecret(after, pepper), id)
    const counts = await opened.store.hashSecrets.countSealed(0)
    assert.deepEqual(
      counts.map(({ keyId }) => keyId),
      [after.secrets.primaryId],
    )
  })

  it('is found when it is kept after it was first missed, and missing ones are logged once', async () => {
    const ctx = contextOf({ primary: fresh })
    const secrets = createHashSecrets(ctx)
    const later = Buffer.from('kept by an import while the server runs')
    logged.length = 0
    assert.equal(await secrets.secretOf('000000000000000000000000'), undefined)
    assert.equal(await secrets.secretOf('000000000000000000000000'), undefined)
    assert.deepEqual(logged, [{ realm: 'main', secret: '000000000000000000000000' }])
    const id = await keepHashSecret(ctx, later)
    assert.deepEqual(await secrets.secretOf(id), later)
    // One that another master key has sealed is as good as missing.
    assert.equal(await createHashSecrets(contextOf({ primary: old })).secretOf(id), undefined)
  })
})
