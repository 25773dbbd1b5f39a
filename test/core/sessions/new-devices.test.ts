import assert from 'node:assert/strict'
import { it } from 'node:test'
import { adapters } from '../../dialects/adapters.ts'
import { freshPhone } from '../../dialects/vastly/door.ts'
import { execute } from '../../harness/database.ts'
import { minbil, type Person, register, signUpVerified } from '../../harness/doors.ts'
import { onEveryEngine, type TestServer, useServer } from '../../harness/harness.ts'
import { endOfJobs } from '../../harness/jobs.ts'
import { own, requestedCode, squat, squatted } from '../../harness/squatting.ts'
import { behindProxy } from '../../limits/callers.ts'
import { bringPerson } from '../../limits/imported.ts'
import { signInAtAccount } from '../../pages/jar.ts'

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const newerFirefox = firefox.replaceAll('140.0', '151.0')
const safari =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1'
const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
const subject = /^New sign-in to your account at /
const day = 86_400_000

interface Place {
  userAgent?: string
  address?: string
}
const home = { userAgent: firefox, address: '198.51.100.7' }

onEveryEngine('a sign-in on a new device or from a new place', (engine) => {
  const server = useServer(engine, { env: behindProxy })

  const signIn = async (person: Person, { userAgent, address = home.address }: Place) =>
    minbil.tokensOf(await minbil.signIn(seenAs(server, { userAgent, address }), person))
  const toldTo = async ({ email }: Person) => {
    await endOfJobs(server)
    return (await server.mailbox()).filter((mail) => mail.to === email && subject.test(mail.subject))
  }
  const settled = async () => {
    const person = await register(server)
    await signIn(person, home)
    return person
  }

  it('is told to the owner, with when, on what and from where', async () => {
    const person = await settled()
    await signIn(person, { userAgent: safari })
    const [mail, ...others] = await toldTo(person)
    assert.deepEqual(others, [])
    assert.match(mail?.text ?? '', /When: .* UTC\nDevice: .*Safari, iOS\nIP address: 198\.51\.100\.7\n/)
    assert.ok(mail?.links.includes('http://localhost:5000/ui/account/activity'))
  })

  for (const dialect of adapters)
    it(`is told to the owner at ${dialect.name}, and not for the device that is known there`, async () => {
      const person = await settled()
      const known = await dialect.signIn(seenAs(server, home), person)
      assert.equal(known.answer.status, 200, known.answer.text)
      assert.deepEqual(await toldTo(person), [])
      await dialect.signIn(seenAs(server, { ...home, userAgent: chrome }), person)
      assert.equal((await toldTo(person)).length, 1)
    })

  it('is told to the owner at the account page', async () => {
    const person = await settled()
    await signInAtAccount(server, { username: person.email, password: person.password }, chrome)
    assert.equal((await toldTo(person)).length, 1)
  })

  it('is none for the first sign-in of an account, wherever it is', async () => {
    const person = await register(server)
    await signIn(person, { userAgent: chrome })
    assert.deepEqual(await toldTo(person), [])
  })

  it('is none for a newer version of what is known, nor for another address of its network', async () => {
    const person = await settled()
    await signIn(person, { userAgent: newerFirefox, address: '198.51.7.7' })
    assert.deepEqual(await toldTo(person), [])
  })

  it('is one for a known device in a network that none of the account was used in', async () => {
    const person = await settled()
    await signIn(person, { ...home, address: '203.0.113.7' })
    assert.equal((await toldTo(person)).length, 1)
    server.clock.advance(day)
    await signIn(person, { ...home, address: '203.0.7.7' })
    await signIn(person, home)
    assert.equal((await toldTo(person)).length, 1)
    await signIn(person, { ...home, address: '2001:db8:1::7' })
    assert.equal((await toldTo(person)).length, 2)
    server.clock.advance(day)
    await signIn(person, { ...home, address: '2001:db8:2::7' })
    assert.equal((await toldTo(person)).length, 2)
  })

  it('is one for what says nothing of itself, which may be the server of an app and so be anywhere', async () => {
    const person = await settled()
    await signIn(person, { userAgent: 'anything' })
    assert.equal((await toldTo(person)).length, 1)
    server.clock.advance(day)
    await signIn(person, { userAgent: 'something else', address: '203.0.113.7' })
    assert.equal((await toldTo(person)).length, 1)
  })

  it('is told once a day for one device, and five times for all', async () => {
    const person = await settled()
    for (const address of ['203.0.113.7', '192.0.2.7', '198.18.0.7'])
      await signIn(person, { ...home, address })
    assert.equal((await toldTo(person)).length, 1)
    for (const system of [
      'Windows NT 10.0',
      'Macintosh; Intel Mac OS X 14',
      'X11; CrOS x86_64',
      'Android 15; Mobile',
    ])
      for (const browser of ['Firefox/140.0', 'Chrome/140.0.0.0'])
        await signIn(person, {
          userAgent: `Mozilla/5.0 (${system}) AppleWebKit/537.36 Gecko/20100101 ${browser}`,
        })
    assert.equal((await toldTo(person)).length, 5)
    server.clock.advance(day)
    await signIn(person, { userAgent: safari })
    assert.equal((await toldTo(person)).length, 6)
  })

  it('is told once when the same device signs in many times at once', async () => {
    const person = await settled()
    await Promise.all(Array.from({ length: 6 }, () => signIn(person, { userAgent: safari })))
    assert.equal((await toldTo(person)).length, 1)
  })

  it('is none where an account that was imported is signed in to for the first time, and its places are known', async () => {
    const person = await bringPerson(server, { knownAddresses: ['203.0.113.7'] })
    await signIn(person, home)
    await signIn(person, { ...home, address: '203.0.113.9' })
    assert.deepEqual(await toldTo(person), [])
    await signIn(person, { ...home, address: '192.0.2.7' })
    assert.equal((await toldTo(person)).length, 1)
  })

  it('is not told at an unproven address where a number is proven', async () => {
    const person = await settled()
    await execute(
      server.env.DATABASE_URL ?? '',
      `update accounts set phone = '${freshPhone()}', phone_verified_at = 1, email_verified_at = null
       where email = '${person.email}'`,
    )
    await signIn(person, { userAgent: safari })
    assert.deepEqual(await toldTo(person), [])
  })

  it('is none for the owner who takes the account over, whatever a squatter has used', async () => {
    const email = await squat(server)
    await signIn({ email, password: squatted }, { userAgent: chrome, address: '203.0.113.7' })
    const code = await requestedCode(server, email)
    assert.equal((await signUpVerified(server, { email, password: own }, code)).status, 201)
    await signIn({ email, password: own }, home)
    assert.deepEqual(await toldTo({ email, password: own }), [])
  })

  it('is none where nobody has got in', async () => {
    const person = await settled()
    const answer = await minbil.signIn(seenAs(server, { ...home, userAgent: safari }), {
      ...person,
      password: 'a wrong password',
    })
    assert.equal(answer.status, 401, answer.text)
    assert.deepEqual(await toldTo(person), [])
  })
})

/** A server, as it is seen by a client at an address. */
function seenAs(server: TestServer, { userAgent, address = home.address }: Place): TestServer {
  const request: TestServer['request'] = (method, path, options = {}) =>
    server.request(method, path, {
      ...options,
      headers: {
        ...options.headers,
        'x-forwarded-for': address,
        ...(userAgent !== undefined && { 'user-agent': userAgent }),
      },
    })
  return Object.assign(Object.create(server), { request })
}
