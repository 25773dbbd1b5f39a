import assert from 'node:assert/strict'
import { randomInt, randomUUID } from 'node:crypto'
import { before, it, type TestContext } from 'node:test'
import {
  assertBody,
  assertFail,
  codeIn,
  codeSent,
  freshPhone,
  post,
  register,
  resetBySms,
  texts,
} from '../../dialects/vastly/door.ts'
import { execute, select } from '../../harness/database.ts'
import { onEveryEngine, type TestServer, useServer } from '../../harness/harness.ts'
import { endOfJobs } from '../../harness/jobs.ts'
import { behindProxy, freshAddress, from } from '../../limits/callers.ts'

const people = 150
const addresses = 100
/** Failed guesses after which a code is dead. */
const budget = 30
/** Wrong codes that one address may send. */
const wrongAtAddress = 5
/** Requests at once. */
const crowd = 50
const off = Number.POSITIVE_INFINITY

/** How unlikely a run must be that fails by chance. */
const chance = 1e-6

onEveryEngine('guessing codes', (engine) => {
  const phones = Array.from({ length: people }, freshPhone)
  const attackers = Array.from({ length: addresses }, freshAddress)

  const server = useServer(engine, {
    env: behindProxy,
    // All that bounds guessing is as operators have it; only messages are sent without bounds.
    limits: {
      'sms-address': off,
      'sms-number-at-address': off,
      'sms-number': off,
      'sms-client': off,
      'sms-country': off,
    },
  })
  before(() => openAccounts(server, phones))

  it('at random hits no more than the budget allows', async (t) => {
    const codes = await requestCodes(phones)
    assert.equal(new Set(codes).size, people, 'live codes differ from one another')
    const hits = await attack({ guessesEach: 1, guess: () => String(randomInt(10 ** 6)).padStart(6, '0') })
    report(t, hits, { space: 10 ** 6, guesses: addresses })
    await assertAllDead(codes)
  })

  it('with most digits known hits no more than the budget allows', async (t) => {
    const codes = await requestCodes(phones)
    // Among these they are: a good chance with every guess, so that hits can be counted.
    const space = 4 * people
    const live = new Set(codes)
    const suspects = [
      ...codes,
      ...numbers()
        .filter((code) => !live.has(code))
        .slice(0, space - people),
    ]
    const hits = await attack({ guessesEach: 2, guess: () => suspects[randomInt(space)] ?? '' })
    report(t, hits, { space, guesses: 2 * addresses })
    await assertAllDead(codes)
  })

  it('ends for a code with the thirtieth failure, and not before', async () => {
    const some = phones.slice(-100)
    const codes = await requestCodes(some)
    const live = new Set(codes)
    const wrong = numbers().filter((code) => !live.has(code))
    const fail = (count: number) =>
      inCrowd(wrong.slice(0, count), async (token) => {
        assertFail(await resetBySms(from(server, freshAddress()), { token }), 400, texts.invalidToken)
      })
    await fail(budget - 1)
    assert.equal((await resetBySms(from(server, freshAddress()), { token: codes[0] ?? '' })).status, 200)
    await fail(1)
    await assertAllDead(codes.slice(1))
  })

  it('ends for an IP with its fifth failure', async () => {
    // They have sent three, or fewer when they hit one.
    for (const address of attackers.slice(0, 3)) {
      const at = from(server, address)
      const statuses: number[] = []
      for (let count = 0; count < wrongAtAddress; count++)
        statuses.push((await resetBySms(at, { token: 'wrong' })).status)
      assert.deepEqual([statuses[0], statuses[1], statuses.at(-1)], [400, 400, 429])
    }
  })

  /** The codes that these numbers are sent on request, in their order. */
  async function requestCodes(numbers: string[]): Promise<string[]> {
    await inCrowd(numbers, async (mobile) => {
      assertBody(await post(server, '/forgotpass/mobile', { json: { mobile } }), 200, codeSent)
    })
    await endOfJobs(server)
    const oldestFirst = (await server.mailbox()).toReversed()
    const codes = new Map(oldestFirst.map(({ to, text }) => [to, codeIn(text)]))
    return numbers.map((mobile) => codes.get(mobile) ?? assert.fail(`no code for ${mobile}`))
  }

  /** Guesses from all addresses, in a crowd; returns how many hit. */
  async function attack({
    guessesEach,
    guess,
  }: {
    guessesEach: number
    guess: () => string
  }): Promise<number> {
    let failures = 0
    let hits = 0
    const turns = Array.from({ length: guessesEach }, () => attackers).flat()
    await inCrowd(turns, async (address) => {
      const failuresBefore = failures
      const answer = await resetBySms(from(server, address), { token: guess() })
      if (answer.status === 200) {
        assert.ok(failuresBefore < budget, `a code survived ${failuresBefore} failed guesses`)
        hits++
      } else {
        assertFail(answer, 400, texts.invalidToken)
        failures++
      }
    })
    return hits
  }

  async function assertAllDead(codes: string[]): Promise<void> {
    const some = codes.filter((_, index) => index % Math.ceil(codes.length / 25) === 0)
    await inCrowd(some, async (token) => {
      assertFail(await resetBySms(from(server, freshAddress()), { token }), 400, texts.invalidToken)
    })
  }
})

/**
 * Holds the hits against the bound: until the budget is spent, every guess hits with a chance of (live codes)
 * / (space), so the hits before the thirtieth failure are distributed as the negative binomial distribution
 * says, at most.
 */
function report(t: TestContext, hits: number, { space, guesses }: { space: number; guesses: number }): void {
  const p = people / space
  const max = maxHits(p)
  const perCode = (hits / people).toExponential(1)
  t.diagnostic(
    `${guesses} guesses from ${addresses} addresses at ${people} codes among ${space}: ` +
      `${hits} hit, ${perCode} a code; ` +
      `bound ${budget}/${space} a code, so ${((budget * p) / (1 - p)).toFixed(2)} are expected at most ` +
      `(without a budget ${(guesses * p).toFixed(2)}), and more than ${max} in one run of ${1 / chance}`,
  )
  assert.ok(hits <= max, `${hits} hits, and ${max} are the most that the bound can explain`)
}

/** So many hits that more come before the last failure with less than the chance that we take. */
function maxHits(p: number): number {
  let tail = 1
  let probability = (1 - p) ** budget
  for (let hits = 0; ; hits++) {
    tail -= probability
    if (tail < chance) return hits
    probability *= ((hits + budget) / (hits + 1)) * p
  }
}

/**
 * Accounts with these numbers, all with the password of one that came over the wire: signing so many up takes long.
 */
async function openAccounts(server: TestServer, [first = '', ...others]: string[]): Promise<void> {
  await register(server, { mobile: first })
  const url = server.env.DATABASE_URL ?? ''
  const [account = {}] = await select(url, 'select * from accounts')
  const columns = Object.keys(account)
  const rows = others.map((phone) => {
    const copy: Record<string, unknown> = { ...account, id: randomUUID(), phone }
    return `(${columns.map((column) => (copy[column] === null ? 'null' : `'${copy[column]}'`)).join(',')})`
  })
  await execute(url, `insert into accounts (${columns.join(',')}) values ${rows.join(',')}`)
}

/** Works off all items, many at a time. */
async function inCrowd<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values()
  const workOff = async () => {
    for (const item of waiting) await work(item)
  }
  await Promise.all(Array.from({ length: crowd }, workOff))
}

/** Every code of six digits from the hundred thousandth on. */
function numbers(): string[] {
  return Array.from({ length: 50_000 }, (_, index) => String(100_000 + index))
}
