import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { it } from 'node:test'
import { hash } from '@node-rs/argon2'
import { register } from '../../harness/doors.ts'
import { onEveryEngine, useServer } from '../../harness/harness.ts'
import { passwordsAt } from '../../harness/password-hashes.ts'

/** m=19 MiB, t=2, p=1 (OWASP Password Storage Cheat Sheet). */
const ours = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]+\$[\w+/]+$/

onEveryEngine('the hash of a password', (engine) => {
  const server = useServer(engine, { hashing: 'real' })
  const { hashOf, keep, signIn } = passwordsAt(server)

  it("is argon2id with OWASP's parameters, and freshly salted each time", async () => {
    const people = [await register(server), await register(server)]
    const hashes = await Promise.all(people.map(hashOf))
    for (const hash of hashes) assert.match(hash, ours)
    assert.notEqual(hashes[0], hashes[1])
  })

  it('is renewed by a right password when its parameters are outdated', async () => {
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

  it('is renewed by concurrent sign-ins, and none is refused', async () => {
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

  it('is renewed by a concurrent change of the password', async () => {
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

  it('is not checked when too costly or malformed, and lets nobody in', async () => {
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

onEveryEngine('the hash of a password with a configured cost', (engine) => {
  const server = useServer(engine, { hashing: 'real', yaml: 'hashing: { memory: 12, passes: 3 }' })
  const { hashOf, signIn } = passwordsAt(server)
  const set = async (yaml: string) => {
    await writeFile(server.env.MANYDOORS_CONFIG ?? '', yaml)
    await server.restart()
  }

  it('has the configured cost, and is renewed to it only by a right password', async () => {
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
