import assert from 'node:assert/strict'
import { it } from 'node:test'
import { openDatabase } from '../../../src/store/database.ts'
import { endAllSessions } from '../../../src/store/sqlite/copy.ts'
import { realmStore } from '../../../src/store/store.ts'
import { createData } from '../../harness/harness.ts'

it('ending every session of a restored copy ends those of an old server, too', async () => {
  const { env, drop } = await createData('sqlite')
  const path = env.DATABASE_URL.replace('sqlite:', '')
  const db = await openDatabase({ engine: 'sqlite', path }, 0)
  try {
    const { accounts, legacyLinks, legacySessions } = realmStore(db, 'main')
    await accounts.create({ id: 'a', email: 'a@example.org' }, 1)
    const link = { source: 'old', source_id: '1', account_id: 'a', run_id: null }
    await legacyLinks.add([{ ...link, created_account: 1, linked_at: 1, place: null }])
    assert.equal(await legacySessions.endedAt('a', 'wolfpal'), undefined)
    assert.equal(endAllSessions(path, 7), 0)
    assert.equal(await legacySessions.endedAt('a', 'wolfpal'), 7)
  } finally {
    await db.destroy()
    await drop()
  }
})
