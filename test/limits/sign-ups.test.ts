import assert from 'node:assert/strict'
import { afterEach, it } from 'node:test'
import { registration, send } from '../dialects/pm2/door.ts'
import {
  freshPerson as freshWolf,
  register as registerWolf,
  send as sendToWolfpal,
} from '../dialects/wolfpal/door.ts'
import { execute } from '../harness/database.ts'
import { eventually, notify } from '../harness/events.ts'
import {
  type Answer,
  coresForCrowds,
  freshEmail,
  onEveryEngine,
  type TestServer,
  useServer,
} from '../harness/harness.ts'
import { holdableHashing, waitingPasswords } from '../harness/held-hashing.ts'
import { assertLimited, assertStatus, behindProxy, countOf, freshAddress, from, post } from './callers.ts'

const few = 3

onEveryEngine('limits on signing up', (engine) => {
  const cores = coresForCrowds
  const hashing = holdableHashing()
  const server = useServer(engine, { limits: 'real', env: behindProxy, cores, hashing: hashing.argon2 })
  afterEach(() => hashing.release())
  const register = (address: string) =>
    send(from(server, address), 'POST', '/register', { json: registration() })

  it('hold up no crowd behind one IP that takes nothing from anybody', async () => {
    const address = freshAddress()
    const size = 21
    const answers: Answer[] = []
    hashing.hold()
    const crowd = Array.from({ length: size }, async () => {
      answers.push(await register(address))
      notify()
    })
    await eventually(
      'the whole crowd',
      async () => (await waitingPasswords(server)) === size - cores || undefined,
    )
    // One after the other: on a slow disk more than may ask at once could be behind the hashing.
    for (let done = 1; done <= size; done++) {
      hashing.letOneGo()
      await eventually(`answer ${done}`, () => answers.length === done || undefined)
    }
    await Promise.all(crowd)
    for (const answer of answers) assertStatus(200, answer)
    hashing.release()
    assertStatus(200, await register(address))
  })

  it('let a crowd find out no more than one caller may', async () => {
    const address = freshAddress()
    const { username } = await registerWolf(server)
    // A name each time, as each mailbox has a limit of its own.
    const probe = () =>
      sendToWolfpal(from(server, address), 'POST', '/auth/register', { json: { ...freshWolf(), username } })
    const answers = await Promise.all(Array.from({ length: 40 }, probe))
    assert.equal(answers.filter(({ status }) => status === 409).length, 20)
    assert.equal(answers.filter(({ status }) => status === 429).length, 20)
    assertLimited(await post(server, address, '/sign-up', { email: freshEmail(), password: '12345678' }))
  })
})

onEveryEngine('limits on signing up while the server fails', (engine) => {
  const server = useServer(engine, { limits: { 'probe-address': few }, env: behindProxy })
  const register = (address: string) =>
    post(server, address, '/sign-up', { email: freshEmail(), password: '12345678' })

  it('count nothing as an answer that is none', async () => {
    const address = freshAddress()
    await failInserts(server)
    for (let count = 0; count <= few; count++) {
      const { status, text } = await register(address)
      assert.ok(status >= 500, text)
    }
    await healInserts(server)
    for (let count = 0; count <= few; count++) assertStatus(201, await register(address))
  })
})

onEveryEngine('limits on signing up when too many passwords wait', (engine) => {
  const cores = 2
  const hashing = holdableHashing()
  const server = useServer(engine, {
    limits: 'real',
    env: behindProxy,
    // So much as that two may wait for each core.
    yaml: 'hashing: { memory: 64, passes: 16 }',
    cores,
    hashing: hashing.argon2,
  })
  afterEach(() => hashing.release())

  it('count those alone who were not turned away for that', async () => {
    const address = freshAddress()
    const register = (): Promise<Answer> =>
      post(server, address, '/sign-up', { email: freshEmail(), password: '12345678' })
    const size = 40
    let answered = 0
    hashing.hold()
    const crowd = Array.from({ length: size }, async () => {
      const answer = await register()
      answered++
      return answer
    })
    await eventually(
      'the whole crowd',
      async () => cores + (await waitingPasswords(server)) + answered === size || undefined,
    )
    hashing.release()
    const answers = await Promise.all(crowd)
    const made = answers.filter(({ status }) => status === 201).length
    const refused = answers.filter(({ status }) => status === 503).length
    assert.equal(made + refused, answers.length)
    assert.notEqual(refused, 0)
    for (const rule of ['sign-up-address', 'mail-address'])
      assert.equal(await countOf(server, rule), made, rule)
    assert.equal(await countOf(server, 'mail-account'), made)
    assert.equal(await countOf(server, 'mail-account-at-address'), made)
    assert.equal(await countOf(server, 'probe-address'), 0)
    assertStatus(201, await register())
  })
})

/** Has the database take no account any more. */
async function failInserts({ engine, env: { DATABASE_URL = '' } }: TestServer): Promise<void> {
  await execute(
    DATABASE_URL,
    engine === 'sqlite'
      ? `create trigger failing before insert on accounts begin select raise(abort, 'broken'); end`
      : `create function failing() returns trigger language plpgsql as $$ begin raise 'broken'; end $$;
         create trigger failing before insert on accounts for each row execute function failing()`,
  )
}

async function healInserts({ engine, env: { DATABASE_URL = '' } }: TestServer): Promise<void> {
  await execute(DATABASE_URL, engine === 'sqlite' ? 'drop trigger failing' : 'drop function failing cascade')
}
