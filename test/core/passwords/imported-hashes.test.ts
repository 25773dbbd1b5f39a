import assert from 'node:assert/strict'
import { it } from 'node:test'
import { hash } from '@node-rs/argon2'
import bcrypt from 'bcrypt'
import { register } from '../../harness/doors.ts'
import { onEveryEngine, useServer } from '../../harness/harness.ts'
import { importedPasswordsAt } from '../../harness/imported-passwords.ts'
import { scrape } from '../../observability/scrape.ts'

/** m=19 MiB, t=2, p=1, as our own are. */
const ours = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/

const cheapest = { memoryCost: 8, timeCost: 1, parallelism: 1 }

onEveryEngine('the first sign-in with an imported hash', (engine) => {
  const server = useServer(engine)
  const { bring, kept, signIn } = importedPasswordsAt(server)

  /** Of a password, by kind. */
  const made: Record<string, (password: string) => Promise<string>> = {
    'bcrypt 4': (password) => bcrypt.hash(password, 4),
    'bcrypt 4 as PHP writes it': async (password) => (await bcrypt.hash(password, 4)).replace('$2b$', '$2y$'),
    argon2i: (password) => hash(password, { ...cheapest, algorithm: 1 }),
    'argon2id at another cost': (password) => hash(password, { ...cheapest, memoryCost: 64 }),
  }

  for (const [kind, make] of Object.entries(made)) {
    it(`replaces ${kind} by one of our own, once the password is right`, async () => {
      const person = await register(server)
      const former = await make(person.password)
      await bring(person, { hash: former, kind })
      assert.equal(await signIn({ ...person, password: `${person.password} ` }), 401)
      assert.deepEqual(await kept(person), { hash: former, kind })
      assert.equal(await signIn(person), 200)
      const latter = await kept(person)
      assert.match(latter.hash, ours)
      assert.equal(latter.kind, null)
      assert.equal(await signIn(person), 200)
      assert.deepEqual(await kept(person), latter)
      assert.equal(await signIn({ ...person, password: 'wrong password' }), 401)
    })
  }

  it('takes passwords that are shorter than new ones may be', async () => {
    const person = { ...(await register(server)), password: 'kurz' }
    await bring(person, { hash: await bcrypt.hash('kurz', 4), kind: 'bcrypt 4' })
    assert.equal(await signIn({ ...person, password: 'Kurz' }), 401)
    assert.equal(await signIn(person), 200)
    assert.match((await kept(person)).hash, ours)
    assert.equal(await signIn(person), 200)
  })

  it('takes a password byte for byte as the old system did, and from then on in either form', async () => {
    const [composed, decomposed] = ['schönes Paßwort'.normalize('NFC'), 'schönes Paßwort'.normalize('NFD')]
    const cases = [await bcrypt.hash(decomposed, 4), await hash(decomposed, cheapest)]
    for (const former of cases) {
      const person = { ...(await register(server)), password: decomposed }
      await bring(person, { hash: former, kind: 'bcrypt 4' })
      assert.equal(await signIn({ ...person, password: composed }), 401)
      assert.equal(await signIn(person), 200)
      assert.equal(await signIn({ ...person, password: composed }), 200)
      assert.equal(await signIn(person), 200)
    }
  })

  it('lets nobody in with a hash that is damaged, too dear, or of a kind that is refused', async () => {
    const person = await register(server)
    const right = await bcrypt.hash(person.password, 4)
    const strange = [
      right.replace('$04$', '$31$'),
      right.slice(0, -1),
      right.replace('$2b$', '$2x$'),
      right.slice(0, 29),
      '$2b$04$',
      '$y$j9T$salt$digest',
      'plain text',
      '',
      person.password,
      `$md$bcrypt$secret=000000000000000000000000${right}`,
    ]
    for (const former of strange) {
      await bring(person, { hash: former, kind: 'strange' })
      for (const password of [person.password, 'wrong password'])
        assert.equal(await signIn({ ...person, password }), 401, former)
      assert.deepEqual(await kept(person), { hash: former, kind: 'strange' })
    }
    await bring(person, { hash: right, kind: 'bcrypt 4' })
    assert.equal(await signIn(person), 200)
  })

  it('is counted by the kind of the hash', async () => {
    const person = await register(server)
    await bring(person, { hash: await bcrypt.hash(person.password, 4), kind: 'bcrypt 4' })
    const counted = async (kind: string) =>
      (await scrape(server.url)).sum('manydoors_password_checks_total', { kind })
    const before = { bcrypt: await counted('bcrypt'), own: await counted('own') }
    for (let time = 0; time < 2; time++) assert.equal(await signIn(person), 200)
    assert.equal(await counted('bcrypt'), before.bcrypt + 1)
    assert.equal(await counted('own'), before.own + 1)
  })
})
