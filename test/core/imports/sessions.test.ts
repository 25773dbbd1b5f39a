import assert from 'node:assert/strict'
import { it } from 'node:test'
import { undoRun } from '../../../src/core/imports/undo.ts'
import { onEveryEngine } from '../../harness/harness.ts'
import { freshId, importAll, recordOf, useRealm } from './importing.ts'

onEveryEngine('the sessions of an imported account', (engine) => {
  const realm = useRealm(engine)
  const hash = (letter: string) => `sha512:${letter.repeat(128)}`
  const [later, earlier] = ['2026-12-01T08:00:00Z', '2026-11-29T08:00:00Z']
  const kept = async (id: string) => {
    const rows = await realm.rows(
      `select source, hash, client_id, expires_at from legacy_sessions where account_id = '${id}' order by hash`,
    )
    return rows.map((row) => [row.source, row.hash, row.client_id, Number(row.expires_at)])
  }

  it('are kept by the hashes of their tokens, but for those that are over or cannot be read', async () => {
    const id = freshId()
    const sessions = [
      { refreshHash: hash('a'), client: 'web', expiresAt: later },
      { refreshHash: hash('b'), expiresAt: earlier },
      { refreshHash: 'a token in the clear', expiresAt: later },
      { refreshHash: hash('c'), expiresAt: 'some day' },
    ]
    const record = recordOf(id, { id, email: `${id}@example.com`, sessions })
    const { outcomes } = await importAll(realm, [record])
    assert.deepEqual(outcomes.get(1), {
      what: 'created',
      accountId: id,
      dropped: ['session: cannot be read', 'session: cannot be read'],
    })
    assert.deepEqual(await kept(id), [['old', hash('a'), 'web', Date.parse(later)]])
  })

  it('come with a later import that fills, and those that are there stay', async () => {
    const id = freshId()
    const record = (...letters: string[]) =>
      recordOf(id, {
        id,
        email: `${id}@example.com`,
        sessions: letters.map((letter) => ({ refreshHash: hash(letter), expiresAt: later })),
      })
    await importAll(realm, [record('d')])
    await importAll(realm, [record('d', 'e')], { onConflict: 'fill' })
    assert.deepEqual(
      (await kept(id)).map(([, text]) => text),
      [hash('d'), hash('e')],
    )
  })

  it('go with the account when the run is undone', async () => {
    const id = freshId()
    const sessions = [{ refreshHash: hash('f'), expiresAt: later }]
    const { report } = await importAll(realm, [recordOf(id, { id, email: `${id}@example.com`, sessions })])
    await undoRun(realm.ctx, report.runId ?? '')
    assert.deepEqual(await kept(id), [])
  })
})
