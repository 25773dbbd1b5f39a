import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { register } from '../../dialects/pm2/door.ts'
import { execute } from '../../harness/database.ts'
import { useServer } from '../../harness/harness.ts'
import { signInAtAccount } from '../jar.ts'

describe('the dates of the account page', () => {
  const server = useServer('sqlite')

  it('are those of the zone that the person has chosen', async () => {
    const person = await register(server)
    const browser = await signInAtAccount(server, person)
    // Evening in UTC, and the next day fourteen hours east of it.
    const changedAt = Date.UTC(2026, 2, 4, 20)
    const dueAt = Date.UTC(2099, 6, 8, 20)
    await execute(
      server.env.DATABASE_URL ?? '',
      `update accounts set password_changed_at = ${changedAt}, deletion_due_at = ${dueAt} where username = '${person.username}'`,
    )
    const inUtc = await browser.open('/ui/account/security')
    assert.match(inUtc.text, /4 March 2026/)
    assert.match(inUtc.text, /will be deleted on 8 July 2099/)
    await execute(
      server.env.DATABASE_URL ?? '',
      `update accounts set time_zone = 'Pacific/Kiritimati' where username = '${person.username}'`,
    )
    const there = await browser.open('/ui/account/security')
    assert.match(there.text, /5 March 2026/)
    assert.match(there.text, /will be deleted on 9 July 2099/)
  })
})
