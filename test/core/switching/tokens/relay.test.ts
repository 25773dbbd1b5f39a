import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { adapters } from '../../../dialects/adapters.ts'
import { register } from '../../../dialects/wolfpal/door.ts'
import { execute, select } from '../../../harness/database.ts'
import { startTestServer, type TestServer } from '../../../harness/harness.ts'
import { bring } from '../../../harness/old-server.ts'
import { takingTokens } from './old-tokens.ts'

const relaying = adapters.filter(({ name }) => ['credebl', 'wolfpal', 'pm2', 'gotrue'].includes(name))

describe('a refresh token that only the old server knows', () => {
  let old: TestServer
  let next: TestServer
  before(async () => {
    old = await startTestServer('sqlite')
    const doors = Object.fromEntries(relaying.map(({ name }) => [name, 'sessions: relay']))
    next = await startTestServer('sqlite', { yaml: takingTokens(doors, old.url) })
  })
  after(async () => {
    await next.close()
    await old.close()
  })

  /** Somebody who has signed in at the old server, and was imported. */
  async function signedInThere(door: (typeof adapters)[number]) {
    const person = await register(old)
    const { tokens, answer } = await door.signIn(old, person)
    assert.ok(tokens, answer.text)
    const there = await select(
      old.env.DATABASE_URL ?? '',
      `select id from accounts where email = '${person.email}'`,
    )
    const id = await bring(next, { email: person.email })
    await execute(
      next.env.DATABASE_URL ?? '',
      `insert into legacy_links (realm, source, source_id, account_id, run_id, created_account, linked_at)
        values ('main', '${door.name}', '${there[0]?.id}', '${id}', null, 1, 1)`,
    )
    return { ...person, id, refresh: tokens.refresh }
  }

  for (const door of relaying) {
    it(`is exchanged at ${door.name} for tokens of ours, and goes on without the old server`, async () => {
      const { refresh, id } = await signedInThere(door)
      const { tokens, answer } = (await door.refreshing?.refresh(next, refresh)) ?? assert.fail()
      assert.ok(tokens, answer.text)
      assert.equal((await door.ask(next, tokens.access)).status < 400, true)
      const isStatic = door.name === 'pm2'
      assert.equal(tokens.refresh === refresh, isStatic)
      const again = (await door.refreshing?.refresh(next, tokens.refresh)) ?? assert.fail()
      assert.ok(again.tokens, again.answer.text)
      const rows = await select(
        next.env.DATABASE_URL ?? '',
        `select id from sessions where account_id = '${id}'`,
      )
      assert.equal(rows.length, 1)
    })

    it(`is refused at ${door.name} where the old server refuses it`, async () => {
      const { tokens, answer } = (await door.refreshing?.refresh(next, 'nonsense')) ?? assert.fail()
      assert.equal(tokens, undefined)
      assert.equal(answer.status < 500, true, answer.text)
    })
  }
})
