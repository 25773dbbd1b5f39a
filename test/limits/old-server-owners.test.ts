import assert from 'node:assert/strict'
import { it } from 'node:test'
import { select } from '../harness/database.ts'
import { minbil, type Person, register } from '../harness/doors.ts'
import { freshEmail, onEveryEngine, type TestServer } from '../harness/harness.ts'
import { useSwitch } from '../harness/old-server.ts'
import { assertLimited, assertStatus, behindProxy, freshAddress, signIn, signUp } from './callers.ts'
import { bringPending } from './imported.ts'

const wrong = 'a wrong password'

onEveryEngine('strangers and an owner whom the old server knows', (engine) => {
  const servers = useSwitch(engine, { limits: 'real', env: behindProxy, settings: ', verify: unknown' })

  /** Has strangers use up what holds for everybody. */
  const besiege = async (email: string): Promise<void> => {
    for (let stranger = 0; stranger < 3; stranger++) {
      const address = freshAddress()
      for (let attempt = 0; attempt < 7; attempt++)
        await signIn(servers.next, address, { email, password: wrong })
    }
    assertLimited(await signIn(servers.next, freshAddress(), { email, password: wrong }))
  }
  const getsIn = async (server: TestServer, person: Person): Promise<void> => {
    const home = freshAddress()
    assertLimited(await signIn(server, home, { ...person, password: wrong }))
    minbil.tokensOf(await signIn(server, home, person))
  }

  it('do not keep the owner from the first sign-in here', async () => {
    const person = await register(servers.old)
    const found = `select id from accounts where email = '${person.email}'`
    const [row] = await select(servers.old.env.DATABASE_URL ?? '', found)
    await bringPending(servers.next, { ...person, id: String(row?.id) })
    await besiege(person.email)
    await getsIn(servers.next, person)
  })

  it('do not keep an owner out who has no account here yet', async () => {
    const person = await register(servers.old)
    await besiege(person.email)
    await getsIn(servers.next, person)
  })

  it('learn nothing of who is asked for there while the old server is away', async () => {
    const emails = [await bringPending(servers.next), (await signUp(servers.next)).email, freshEmail()]
    for (const email of emails) await besiege(email)
    await servers.old.close()
    for (const email of emails)
      assert.ok(assertLimited(await signIn(servers.next, freshAddress(), { email, password: wrong })) > 3600)
    assertStatus(503, await signIn(servers.next, freshAddress(), { email: freshEmail(), password: wrong }))
  })
})
