import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import bcrypt from 'bcrypt'
import { adapters } from '../../dialects/adapters.ts'
import { register } from '../../dialects/wolfpal/door.ts'
import { bring, keptPassword, useSwitch } from '../../harness/old-server.ts'

const [minbil = assert.fail()] = adapters
const former = 'changed at the old server since'

/** An imported account whose password was changed at the old server since. */
async function bringFormer(servers: ReturnType<typeof useSwitch>) {
  const person = await register(servers.old)
  const hash = await bcrypt.hash(former, 4)
  await bring(servers.next, { email: person.email, hash, kind: 'bcrypt 4' })
  return person
}

describe('an old server that has the say until the cut', () => {
  const servers = useSwitch('sqlite', { settings: ', authority: old' })

  it('is asked where an imported hash says that the password is wrong', async () => {
    const person = await bringFormer(servers)
    assert.equal((await minbil.signIn(servers.next, { ...person, password: 'neither' })).answer.status, 401)
    assert.ok((await minbil.signIn(servers.next, person)).tokens)
    const { hash, kind } = (await keptPassword(servers.next, person.email)) ?? {}
    assert.match(hash ?? '', /^\$argon2id\$/)
    assert.equal(kind, null)
    const { answer } = await minbil.signIn(servers.next, { ...person, password: former })
    assert.equal(answer.status, 401)
  })

  it('has no say once somebody has signed in here', async () => {
    const person = await bringFormer(servers)
    assert.ok((await minbil.signIn(servers.next, { ...person, password: former })).tokens)
    assert.equal((await minbil.signIn(servers.next, person)).answer.status, 401)
  })
})

describe('an old server that has no say', () => {
  const servers = useSwitch('sqlite')

  it('is not asked about imported hashes', async () => {
    const person = await bringFormer(servers)
    await bring(servers.next, { email: `waiting-${person.email}`, pending: 'minbil' })
    assert.equal((await minbil.signIn(servers.next, person)).answer.status, 401)
    assert.ok((await minbil.signIn(servers.next, { ...person, password: former })).tokens)
  })
})
