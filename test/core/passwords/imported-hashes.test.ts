import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { it } from 'node:test'
import { hash } from '@node-rs/argon2'
import bcrypt from 'bcrypt'
import { keepHashSecret } from '../../../src/core/passwords/hash-secrets.ts'
import { canonicalHash } from '../../../src/hashes/canonical.ts'
import { readHash } from '../../../src/hashes/read-hash.ts'
import { wrap } from '../../../src/hashes/wrap.ts'
import {
  answerChallenge,
  challengeFor,
  nextCode,
  registerWithSecondFactor,
  tokensOf,
} from '../../dialects/wolfpal/door.ts'
import { register } from '../../harness/doors.ts'
import { onEveryEngine, useServer } from '../../harness/harness.ts'
import { importedPasswordsAt } from '../../harness/imported-passwords.ts'
import { withRealm } from '../../harness/realm.ts'
import { givenOf, usable } from '../../hashes/vectors.ts'
import { scrape } from '../../observability/scrape.ts'

/** One right one of each kind that needs no secret, as an import keeps it, as far as that is cheap to check. */
const imported = [...Map.groupBy(usable, ({ kind }) => kind).values()].flatMap((ofKind) =>
  ofKind
    .filter(({ ok, password }) => ok && password.length > 8)
    .map((vector) => ({ ...vector, hash: canonicalHash(givenOf(vector), () => 'none') }))
    .filter(({ hash }) => readHash(hash).costMs < 60 && readHash(hash).secretId === undefined)
    .slice(0, 1),
)

/** m=19 MiB, t=2, p=1, as our own are. */
const ours = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/

const cheapest = { memoryCost: 8, timeCost: 1, parallelism: 1 }

onEveryEngine('the first sign-in with an imported hash', (engine) => {
  const server = useServer(engine)
  const { bring, kept, signIn } = importedPasswordsAt(server)

  // What is checked has nothing to do with the database; what is written then has.
  for (const { kind, hash: former, password } of engine === 'sqlite' ? imported : imported.slice(0, 3)) {
    it(`replaces ${kind} by one of our own, once the password is right`, async () => {
      const person = { ...(await register(server)), password }
      await bring(person, { hash: former, kind })
      assert.equal(await signIn({ ...person, password: `${password}r` }), 401)
      assert.deepEqual(await kept(person), { hash: former, kind })
      assert.equal(await signIn(person), 200)
      const latter = await kept(person)
      assert.match(latter.hash, ours)
      assert.equal(latter.kind, null)
      assert.equal(await signIn(person), 200)
      assert.deepEqual(await kept(person), latter)
      assert.equal(await signIn({ ...person, password: `${password}r` }), 401)
    })
  }

  it('checks a wrapped hash, which was too quick to rest as it was', async () => {
    const [md5Crypt] = imported.filter(({ kind }) => kind === 'md5-crypt')
    assert.ok(md5Crypt)
    const wrapped = await wrap(readHash(md5Crypt.hash), (digest) => hash(digest, cheapest))
    assert.ok(!wrapped.includes(md5Crypt.hash.split('$').at(-1) ?? ''))
    const person = { ...(await register(server)), password: md5Crypt.password }
    await bring(person, { hash: wrapped, kind: 'wrapped md5-crypt' })
    assert.equal(await signIn({ ...person, password: 'wrong password' }), 401)
    assert.equal(await signIn(person), 200)
    assert.match((await kept(person)).hash, ours)
  })

  it('goes on to the second factor, and replaces the hash on that way, too', async () => {
    const person = await registerWithSecondFactor(server)
    await bring(person, { hash: await bcrypt.hash(person.password, 4), kind: 'bcrypt 4' })
    const challenge = await challengeFor(server, person)
    const { hash: latter, kind } = await kept(person)
    assert.match(latter, ours)
    assert.equal(kind, null)
    tokensOf(await answerChallenge(server, challenge, nextCode(server, person.secret)))
  })

  it('takes the secret that the hash was made with, also of an import while the server runs', async () => {
    const person = await register(server)
    const pepper = randomBytes(20)
    const peppered = await bcrypt.hash(Buffer.concat([Buffer.from(person.password), pepper]), 4)
    await bring(person, { hash: `$md$bcrypt$secret=${'0'.repeat(24)}${peppered}`, kind: 'bcrypt 4' })
    assert.equal(await signIn(person), 401)
    const id = await withRealm(server, (ctx) => keepHashSecret(ctx, pepper))
    await bring(person, { hash: `$md$bcrypt$secret=${id}${peppered}`, kind: 'bcrypt 4' })
    assert.equal(await signIn({ ...person, password: 'wrong password' }), 401)
    assert.equal(await signIn(person), 200)
    assert.match((await kept(person)).hash, ours)
    const missing = server.log.filter(({ msg }) => msg === 'a secret that password hashes need is missing')
    assert.deepEqual(
      missing.map(({ secret }) => secret),
      ['0'.repeat(24)],
    )
    assert.ok(!JSON.stringify(server.log).includes(pepper.toString('base64')))
  })

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
