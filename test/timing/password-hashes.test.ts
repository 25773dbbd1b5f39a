import assert from 'node:assert/strict'
import { it } from 'node:test'
import { hash } from '@node-rs/argon2'
import { register } from '../harness/doors.ts'
import { freshEmail, onEveryEngine, useServer } from '../harness/harness.ts'
import { passwordsAt } from '../harness/password-hashes.ts'
import { median } from '../harness/rank-test.ts'
import { timeRequests } from '../harness/stopwatch.ts'

onEveryEngine('a wrong password', (engine) => {
  const server = useServer(engine, { hashing: 'real', yaml: 'hashing: { memory: 64, passes: 2 }' })
  const { hashOf, keep } = passwordsAt(server)

  /** In milliseconds, of as many refusals in turn for each of them. */
  const timesOf = async (emails: string[], password = 'wrong password'): Promise<number[]> => {
    const url = `${server.url}/api/co/auth/sign-in`
    const rounds = Array.from({ length: 21 }, () => emails)
    const times = await timeRequests(rounds.flat().map((email) => ({ url, json: { email, password } })))
    return emails.map((_, which) => median(times.filter((_, index) => index % emails.length === which)))
  }

  it('takes about as long where the account has an older, cheaper hash', async () => {
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

  it('that is not in NFC takes about as long for all accounts, known or not', async () => {
    const person = await register(server)
    const [ofPerson = 0, ofNobody = 0] = await timesOf(
      [person.email, freshEmail()],
      'schlechtes Paßwo\u0308rt',
    )
    const all = `${ofPerson} ms for somebody, ${ofNobody} ms for nobody`
    assert.ok(Math.abs(ofPerson - ofNobody) < 0.45 * ofNobody, all)
  })
})
