import assert from 'node:assert/strict'
import { it } from 'node:test'
import { adapters } from '../../dialects/adapters.ts'
import { freshPerson, register, registerWithSecondFactor, signUp } from '../../dialects/wolfpal/door.ts'
import { execute, select } from '../../harness/database.ts'
import { freshEmail, onEveryEngine } from '../../harness/harness.ts'
import { bring, keptPassword, useSwitch } from '../../harness/old-server.ts'

const named = (name: string) => adapters.find((door) => door.name === name) ?? assert.fail()
const minbil = named('minbil')

onEveryEngine('somebody whom the old server alone knows', (engine) => {
  const servers = useSwitch(engine, { settings: ', verify: unknown' })
  const url = () => servers.next.env.DATABASE_URL ?? ''
  const accountsOf = (email: string) => select(url(), `select * from accounts where email = '${email}'`)

  for (const door of adapters) {
    // It does not say which addresses are proven, so it lets those in alone that need none.
    it(`has an account at ${door.name} from the first right password on`, async () => {
      const person = await register(servers.old)
      const wrong = await door.signIn(servers.next, { ...person, password: 'wrong-password' })
      assert.equal(wrong.answer.status, door.statuses.signIn, wrong.answer.text)
      assert.deepEqual(await accountsOf(person.email), [])
      const { tokens, answer } = await door.signIn(servers.next, person)
      assert.ok(tokens, answer.text)
      const [account, ...others] = await accountsOf(person.email)
      assert.deepEqual(others, [])
      assert.equal(account?.email_verified_at !== null, door.name !== 'vastly')
      await execute(
        servers.old.env.DATABASE_URL ?? '',
        `update accounts set disabled_at = 1 where email = '${person.email}'`,
      )
      assert.ok((await door.signIn(servers.next, person)).tokens)
    })
  }

  it('has one account where they come several times at once', async () => {
    const person = await register(servers.old)
    const answers = await Promise.all(
      [servers.next, servers.beside, servers.next].map((server) => minbil.signIn(server, person)),
    )
    for (const { tokens, answer } of answers) assert.ok(tokens, answer.text)
    assert.equal((await accountsOf(person.email)).length, 1)
  })

  it('has a proven address only where the old server says so', async () => {
    const person = await signUp(servers.old, freshPerson())
    assert.ok((await minbil.signIn(servers.next, person)).tokens)
    assert.equal((await accountsOf(person.email))[0]?.email_verified_at, null)
    const other = await signUp(servers.old, freshPerson())
    const { answer } = await named('wolfpal').signIn(servers.next, other)
    assert.match(answer.text, /PENDING_CONFIRMATION/)
    assert.deepEqual(await accountsOf(other.email), [])
  })

  it('gets no account without the second factor', async () => {
    const person = await registerWithSecondFactor(servers.old)
    assert.equal((await minbil.signIn(servers.next, person)).tokens, undefined)
    assert.deepEqual(await accountsOf(person.email), [])
  })

  it('takes no name over that another account has', async () => {
    const person = await register(servers.old)
    const email = freshEmail()
    await bring(servers.next, { email, username: person.username })
    const { answer } = await named('pm2').signIn(servers.next, person)
    assert.equal(answer.status, 401, answer.text)
    assert.deepEqual(await accountsOf(person.email), [])
    assert.deepEqual(
      { ...(await keptPassword(servers.next, email)) },
      { hash: null, kind: null, pending: null },
    )
  })
})
