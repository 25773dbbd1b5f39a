import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { it } from 'node:test'
import { openDatabase } from '../../../src/store/database.ts'
import { realmStore } from '../../../src/store/store.ts'
import { createData } from '../../harness/harness.ts'

it('a list of accounts is read along their ids alone, whatever is asked for', async () => {
  const { env, drop } = await createData('sqlite')
  const path = env.DATABASE_URL.replace('sqlite:', '')
  const statements: string[] = []
  const observer = { statement: ({ sql }: { sql: string }) => void statements.push(sql), pool: () => {} }
  const db = await openDatabase({ engine: 'sqlite', path }, 0, { observer })
  try {
    const { accounts } = realmStore(db, 'main')
    await accounts.create({ id: 'a', email: 'a@example.org' }, 0)
    statements.length = 0
    const page = { after: '', max: 10 }
    await accounts.list(page)
    await accounts.list({ ...page, emailPrefix: 'a', isDisabled: true, createdSince: 0 })
    assert.equal(statements.length, 4)

    using file = new DatabaseSync(path)
    for (const statement of statements) {
      const plan = file.prepare(`explain query plan ${statement}`).all()
      const reads = plan.map(({ detail }) => String(detail)).filter((detail) => / accounts /.test(detail))
      assert.match(
        reads.join(),
        /^SEARCH accounts USING (COVERING )?INDEX sqlite_autoindex_accounts_1 \(id>\? ?(AND id<\?)?\)$/,
      )
    }
  } finally {
    await db.destroy()
    await drop()
  }
})
