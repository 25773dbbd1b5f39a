import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { before, describe, it } from 'node:test'
import { hash } from '@node-rs/argon2'
import bcrypt from 'bcrypt'
import { writeDigest } from '../../src/hashes/kinds/digest.ts'
import { readHash } from '../../src/hashes/read-hash.ts'
import { wrap } from '../../src/hashes/wrap.ts'
import { execute } from '../harness/database.ts'
import { minbil, type Person, register } from '../harness/doors.ts'
import { freshEmail, type TestServer, useServer } from '../harness/harness.ts'
import { importedPasswordsAt } from '../harness/imported-passwords.ts'
import { assertSameTime } from '../harness/same-time.ts'

const password = 'wrong password'
/** Twice what one of our own takes, and more. */
const cost = 9
const samples = 30

/** Has every account that there is checked against such a hash. */
async function bringAll(server: TestServer, stored: string, kind: string): Promise<void> {
  const set = `password_hash = '${stored}', password_kind = '${kind}', password_changed_at = 1`
  await execute(server.env.DATABASE_URL ?? '', `update accounts set ${set}`)
  await server.maintain()
}

const signInAt = (server: TestServer, email: string) => ({
  url: `${server.url}/api/co/auth/sign-in`,
  json: { email, password },
})

describe('where all accounts have imported hashes, a wrong password takes as long', () => {
  const server = useServer('sqlite', { hashing: 'real' })
  const { bring } = importedPasswordsAt(server)
  const people: Person[] = []
  before(async () => {
    for (let count = 0; count < 5; count++) people.push(await register(server))
    await bringAll(server, await bcrypt.hash('the right password', cost), `bcrypt ${cost}`)
  })

  const sameAs = (known: () => string) =>
    assertSameTime(samples, (who) => signInAt(server, who === 'known' ? known() : freshEmail()))
  const emailOf = (index: number) => people[index]?.email ?? assert.fail()

  it('for an account as for a name that nobody has', () => sameAs(() => emailOf(0)))

  it('for an account that is disabled', async () => {
    const disabled = `update accounts set disabled_at = 1 where email = '${emailOf(1)}'`
    await execute(server.env.DATABASE_URL ?? '', disabled)
    await sameAs(() => emailOf(1))
  })

  it('for an account that has no hash', async () => {
    const without = `update accounts set password_hash = null, password_kind = null where email = '${emailOf(2)}'`
    await execute(server.env.DATABASE_URL ?? '', without)
    await sameAs(() => emailOf(2))
  })

  it('for an account with a hash that cannot be used', async () => {
    await bring({ email: emailOf(3) }, { hash: '$2b$31$too dear', kind: `bcrypt ${cost}` })
    await sameAs(() => emailOf(3))
  })

  it('for an account whose hash needs a secret that is missing', async () => {
    const peppered = await bcrypt.hash('the right password', cost)
    const stored = `$md$bcrypt$secret=000000000000000000000000${peppered}`
    await bring({ email: emailOf(4) }, { hash: stored, kind: `bcrypt ${cost}` })
    await sameAs(() => emailOf(4))
  })
})

describe('a wrong password', () => {
  const server = useServer('sqlite', { hashing: 'real' })

  it('takes as long for a wrapped hash as for one of our own', async () => {
    const [wrapped, own] = [await register(server), await register(server)]
    const digest = createHash('md5').update('the right password').digest()
    const md5 = writeDigest({ algorithm: 'md5', format: '{password}', salt: Buffer.of(), digest })
    const asOurs = (text: string) => hash(text, { memoryCost: 19_456, timeCost: 2, parallelism: 1 })
    const stored = await wrap(readHash(md5), asOurs)
    await importedPasswordsAt(server).bring(wrapped, { hash: stored, kind: 'wrapped md5' })
    await assertSameTime(samples, (who) => signInAt(server, (who === 'known' ? wrapped : own).email))
  })
})

describe('an account with an imported hash whose attempts are used up', () => {
  const rules = [
    'sign-in-address',
    'sign-in-account-at-address',
    'sign-in-rate',
    'sign-in-account-at-known-address',
  ]
  const endless = Object.fromEntries(rules.map((rule) => [rule, Number.POSITIVE_INFINITY]))
  const limits = { ...endless, 'sign-in-account': 3 }
  const server = useServer('sqlite', { hashing: 'real', limits })
  const patient = useServer('sqlite', { hashing: 'real', limits: { ...limits, 'sign-in-account': 10_000 } })

  it('takes as long as one that has attempts left, and is not let in by the right password', async () => {
    const person = await register(server)
    const other = await register(patient)
    // So many that next to all names which nobody has are drawn as our own.
    for (let count = 0; count < 30; count++) await register(server)
    const imported = { hash: await bcrypt.hash(person.password, cost), kind: `bcrypt ${cost}` }
    await importedPasswordsAt(server).bring(person, imported)
    await importedPasswordsAt(patient).bring(other, imported)
    await server.maintain()
    for (let attempt = 0; attempt < 3; attempt++)
      assert.equal((await minbil.signIn(server, { ...person, password })).status, 401)
    assert.equal((await minbil.signIn(server, person)).status, 429)
    assert.equal((await minbil.signIn(patient, { ...other, password })).status, 401)
    await assertSameTime(samples, (who) =>
      who === 'known' ? signInAt(server, person.email) : signInAt(patient, other.email),
    )
  })
})
