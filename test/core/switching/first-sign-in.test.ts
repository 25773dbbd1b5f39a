import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { adapters } from '../../dialects/adapters.ts'
import { register } from '../../dialects/wolfpal/door.ts'
import { onEveryEngine, startTestServer } from '../../harness/harness.ts'
import { bring, keptPassword, switchingTo, useSwitch } from '../../harness/old-server.ts'
import { unendedSessions } from '../../harness/stored-sessions.ts'

const ours = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/

onEveryEngine('an account whose password the old server knows', (engine) => {
  const servers = useSwitch(engine)

  for (const door of adapters) {
    it(`is signed in to at ${door.name} with that password, which is kept here from then on`, async () => {
      const person = await register(servers.old)
      await bring(servers.next, { email: person.email, pending: door.name })
      const wrong = await door.signIn(servers.next, { ...person, password: 'wrong-password' })
      assert.equal(wrong.answer.status, door.statuses.signIn, wrong.answer.text)
      const { answer, tokens } = await door.signIn(servers.next, person)
      assert.ok(tokens, answer.text)
      assert.equal((await door.ask(servers.next, tokens.access)).status < 400, true)
      const kept = await keptPassword(servers.next, person.email)
      assert.match(kept?.hash ?? '', ours)
      assert.deepEqual([kept?.kind, kept?.pending], [null, null])
      // Changed where nobody looks any more.
      const again = await door.signIn(servers.next, person)
      assert.ok(again.tokens, again.answer.text)
      assert.deepEqual(await keptPassword(servers.next, person.email), kept)
    })
  }
})

describe('accounts that have signed in', () => {
  it('sign in when the old server is gone, and the others are told to come back', async () => {
    const old = await startTestServer('sqlite')
    const next = await startTestServer('sqlite', { yaml: switchingTo(old.url) })
    try {
      const people = await Promise.all(adapters.map(() => register(old)))
      const personOf = (index: number) => people[index] ?? assert.fail()
      for (const [index, door] of adapters.entries()) {
        await bring(next, { email: personOf(index).email, pending: door.name })
        const { tokens, answer } = await door.signIn(next, personOf(index))
        assert.ok(tokens, answer.text)
      }
      await old.close()
      for (const [index, door] of adapters.entries()) {
        const { tokens, answer } = await door.signIn(next, personOf(index))
        assert.ok(tokens, answer.text)
        const email = `waiting-${personOf(index).email}`
        await bring(next, { email, pending: door.name })
        const refused = await door.signIn(next, { email, password: 'a password' })
        door.assertError(refused.answer, 503)
        assert.match(refused.answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
      }
    } finally {
      await next.close()
    }
  })
})

describe('the old server', () => {
  const servers = useSwitch('sqlite')
  const [minbil = assert.fail()] = adapters
  let person: Awaited<ReturnType<typeof register>>
  before(async () => {
    person = await register(servers.old)
    await bring(servers.next, { email: person.email, pending: 'minbil' })
  })

  it('keeps no session of a first sign-in', async () => {
    const { tokens, answer } = await minbil.signIn(servers.next, person)
    assert.ok(tokens, answer.text)
    await servers.next.restart()
    assert.deepEqual(await unendedSessions(servers.old.env.DATABASE_URL ?? '', person.email), [])
  })
})
