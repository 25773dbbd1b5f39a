import assert from 'node:assert/strict'
import { it } from 'node:test'
import { hash } from '@node-rs/argon2'
import { execute, select } from '../database.ts'
import { minbil, type Person, register } from '../doors.ts'
import { onEveryEngine, useServer } from '../harness.ts'

/** m=19 MiB, t=2, p=1 (OWASP Password Storage Cheat Sheet). */
const ours = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]+\$[\w+/]+$/

onEveryEngine('the hash of a password', (engine) => {
  const server = useServer(engine)

  const hashOf = async ({ email }: Person): Promise<string> => {
    const [row] = await select(
      server.env.DATABASE_URL ?? '',
      `select password_hash from accounts where email = '${email}'`,
    )
    return String(row?.password_hash)
  }
  const keep = ({ email }: Person, hash: string) =>
    execute(
      server.env.DATABASE_URL ?? '',
      `update accounts set password_hash = '${hash}' where email = '${email}'`,
    )
  const signIn = async (person: Person) => (await minbil.signIn(server, person)).status

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
