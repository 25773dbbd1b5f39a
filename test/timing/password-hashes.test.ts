import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { it } from 'node:test'
import { hash } from '@node-rs/argon2'
import { execute, select } from '../database.ts'
import { minbil, type Person, register } from '../doors.ts'
import { freshEmail, onEveryEngine, type TestServer, useServer } from '../harness.ts'
import { median } from '../rank-test.ts'
import { timeRequests } from '../stopwatch.ts'

/** m=19 MiB, t=2, p=1 (OWASP Password Storage Cheat Sheet). */
const ours = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]+\$[\w+/]+$/

onEveryEngine('the hash of a password', (engine) => {
  const server = useServer(engine, { hashing: 'real' })
  const { hashOf, keep, signIn } = accountsOf(server)

  it('is argon2id with the parameters that OWASP asks for, and another one each time', async () => {
    const people = [await register(server), await register(server)]
    const hashes = await Promise.all(people.map(hashOf))
    for (const hash of hashes) assert.match(hash, ours)
    assert.notEqual(hashes[0], hashes[1])
  })

  it('is made anew by a right password when it was made with other parameters', async () => {
    const person = await register(server)
    const former = await hash(person.password, { memoryCost: 8192, timeCost: 1, parallelism: 1 })
    await keep(person, former)
    assert.equal(await signIn({ ...person, password: 'wrong password' }), 401)
    assert.equal(await hashOf(person), former)
    assert.equal(await signIn(person), 200)
    const latter = await hashOf(person)
    assert.match(latter, ours)
    assert.equal(await signIn(person), 200)
    assert.equal(await hashOf(person), latter)
  })

  it('is made anew by many who sign in at once, and none of them is refused', async () => {
    const person = await register(server)
    const former = await hash(person.password, { memoryCost: 8192, timeCost: 1, parallelism: 1 })
    for (let round = 0; round < 5; round++) {
      await keep(person, former)
      const statuses = await Promise.all(Array.from({ length: 4 }, () => signIn(person)))
      assert.deepEqual(statuses, [200, 200, 200, 200])
      assert.match(await hashOf(person), ours)
    }
    assert.equal(await signIn(person), 200)
    assert.equal(await signIn({ ...person, password: 'wrong password' }), 401)
  })

  it('is made anew by one who changes the password at the same time', async () => {
    let person = await register(server)
    for (let round = 0; round < 5; round++) {
      await keep(person, await hash(person.password, { memoryCost: 8192, timeCost: 1, parallelism: 1 }))
      const newPassword = `password of round ${round}`
      const [changed, signedIn] = await Promise.all([
        server.request('POST', '/auth/reset-password', {
          json: { email: person.email, oldPassword: person.password, newPassword },
        }),
        signIn(person),
      ])
      assert.equal(changed.status, 200, changed.text)
      // Whichever comes first.
      assert.ok(signedIn === 200 || signedIn === 401, String(signedIn))
      assert.equal(await signIn(person), 401)
      person = { ...person, password: newPassword }
      assert.equal(await signIn(person), 200)
    }
  })

  it('is not checked when that would cost too much, or when it is none, and lets nobody in', async () => {
    const person = await register(server)
    const right = await hashOf(person)
    for (const strange of [
      right.replace('m=19456', 'm=4294967295'),
      right.replace('t=2', 't=4294967295'),
      right.replace('p=1', 'p=16777215'),
      '$2b$12$abcdefghijklmnopqrstuv',
      'x',
    ]) {
      await keep(person, strange)
      assert.equal(await signIn(person), 401, strange)
    }
    await keep(person, right)
    assert.equal(await signIn(person), 200)
  })
})

onEveryEngine('the hash of a password where its cost is set', (engine) => {
  const server = useServer(engine, { hashing: 'real', yaml: 'hashing: { memory: 12, passes: 3 }' })
  const { hashOf, signIn } = accountsOf(server)
  const set = async (yaml: string) => {
    await writeFile(server.env.MANYDOORS_CONFIG ?? '', yaml)
    await server.restart()
  }

  it('has the cost that is set, and is brought to it by a right password alone', async () => {
    const person = await register(server)
    const first = await hashOf(person)
    assert.match(first, /^\$argon2id\$v=19\$m=12288,t=3,p=1\$/)
    assert.equal(await signIn(person), 200)
    assert.equal(await hashOf(person), first)

    await set('hashing: { memory: 20 }')
    assert.equal(await signIn({ ...person, password: 'wrong password' }), 401)
    assert.equal(await hashOf(person), first)
    assert.equal(await signIn(person), 200)
    const second = await hashOf(person)
    assert.match(second, /^\$argon2id\$v=19\$m=20480,t=2,p=1\$/)
    assert.equal(await signIn(person), 200)
    assert.equal(await hashOf(person), second)

    await set('')
    assert.equal(await signIn(person), 200)
    assert.match(await hashOf(person), ours)
  })
})

onEveryEngine('a wrong password', (engine) => {
  const server = useServer(engine, { hashing: 'real', yaml: 'hashing: { memory: 64, passes: 2 }' })
  const { hashOf, keep } = accountsOf(server)

  /** In milliseconds, of as many refusals in turn for each of them. */
  const timesOf = async (emails: string[], password = 'wrong password'): Promise<number[]> => {
    const url = `${server.url}/api/co/auth/sign-in`
    const rounds = Array.from({ length: 21 }, () => emails)
    const times = await timeRequests(rounds.flat().map((email) => ({ url, json: { email, password } })))
    return emails.map((_, which) => median(times.filter((_, index) => index % emails.length === which)))
  }

  it('is refused in about the same time where the account has an older, cheaper hash', async () => {
    const [current, older] = [await register(server), await register(server)]
    const former = await hash(older.password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 })
    await keep(older, former)
    const [ofCurrent = 0, ofOlder = 0, ofNobody = 0] = await timesOf([
      current.email,
      older.email,
      freshEmail(),
    ])
    const all = `${ofCurrent} ms at the cost in force, ${ofOlder} ms at less, ${ofNobody} ms for nobody`
    // The older hash alone would take a quarter of the time.
    for (const time of [ofCurrent, ofOlder]) assert.ok(Math.abs(time - ofNobody) < 0.45 * ofNobody, all)
    assert.equal(await hashOf(older), former)
  })

  it('that is not in NFC is refused in about the same time for all, known or not', async () => {
    const person = await register(server)
    const [ofPerson = 0, ofNobody = 0] = await timesOf(
      [person.email, freshEmail()],
      'schlechtes Paßwo\u0308rt',
    )
    const all = `${ofPerson} ms for somebody, ${ofNobody} ms for nobody`
    assert.ok(Math.abs(ofPerson - ofNobody) < 0.45 * ofNobody, all)
  })
})

/** What is kept of people on that server, and how they fare there. */
function accountsOf(server: TestServer) {
  const url = () => server.env.DATABASE_URL ?? ''
  return {
    hashOf: async ({ email }: Person): Promise<string> => {
      const [row] = await select(url(), `select password_hash from accounts where email = '${email}'`)
      return String(row?.password_hash)
    },
    keep: ({ email }: Person, hash: string) =>
      execute(url(), `update accounts set password_hash = '${hash}' where email = '${email}'`),
    signIn: async (person: Person) => (await minbil.signIn(server, person)).status,
  }
}
