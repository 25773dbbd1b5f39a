import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { it } from 'node:test'
import { openDatabase } from '../../../src/store/database.ts'
import { realmStore } from '../../../src/store/store.ts'
import { createData } from '../../harness/harness.ts'

it('reads the activity, the devices and the export of one account by their indexes, and no row of anybody else', async () => {
  const { env, drop } = await createData('sqlite')
  const path = env.DATABASE_URL.replace('sqlite:', '')
  const statements: string[] = []
  const observer = { statement: ({ sql }: { sql: string }) => void statements.push(sql), pool: () => {} }
  const db = await openDatabase({ engine: 'sqlite', path }, 0, { observer })
  try {
    const { audit, sessions } = realmStore(db, 'main')
    const names = [{ subjects: ['mac', 'former mac'], since: 0 }]
    statements.length = 0
    const filter = { accountId: 'a', names, events: ['sign_in', 'password.changed'], max: 51 }
    await audit.listActivity(filter)
    await audit.listActivity({ ...filter, outcome: 'success', before: { at: 1, id: 'x' } })
    await sessions.liveBeside({ id: 's', account_id: 'a' }, 99, 0)
    await sessions.among(['s', 't'], 'a')
    await audit.listOfPerson({ accountId: 'a', subjects: ['mac', 'former mac'] }, { at: 1, id: 'x' }, 500)
    assert.equal(statements.length, 8)

    using file = new DatabaseSync(path)
    const used = statements.map((statement) => {
      const plan = file.prepare(`explain query plan ${statement}`).all()
      return plan.map(({ detail }) => String(detail)).find((detail) => /^(SEARCH|SCAN) /.test(detail))
    })
    const expected = [
      'audit USING INDEX audit_subject',
      'audit USING INDEX audit_account',
      'audit USING INDEX audit_subject',
      'audit USING INDEX audit_account',
      'sessions USING INDEX sessions_unended',
      'sessions USING PRIMARY KEY',
      'audit USING INDEX audit_account',
      'audit USING INDEX audit_subject',
    ]
    assert.deepEqual(
      used.map((detail) => detail?.replace(/^SEARCH | \(.*$/g, '')),
      expected,
    )
  } finally {
    await db.destroy()
    await drop()
  }
})
