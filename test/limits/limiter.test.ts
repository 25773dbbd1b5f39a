import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, describe, it, mock } from 'node:test'
import type { Limiter } from '../../src/core/context.ts'
import { AuthError } from '../../src/core/errors.ts'
import type { LimitRule } from '../../src/core/limits/limits.ts'
import { hashKeys } from '../../src/limits/keys.ts'
import { createLimiter } from '../../src/limits/limiter.ts'
import { createTableCounts } from '../../src/limits/table.ts'
import { openDatabase } from '../../src/store/database.ts'
import { limitTable } from '../../src/store/postgres/limit-table.ts'
import { openLimitFile } from '../../src/store/sqlite/limit-file.ts'
import { select } from '../harness/database.ts'
import { createData, noPostgres } from '../harness/harness.ts'

/** How long a node may go on refusing what another one has reset. */
const forgettingMs = 5_000

const hashKey = hashKeys((key) => createHmac('sha256', 'a key of the server').update(key).digest())

let rules = 0
/** A rule that no other test counts with. */
function freshRule(points: number, seconds: number): LimitRule {
  return { name: `rule-${++rules}`, points, seconds }
}

/** The seconds after which to come again, or `undefined` when it was allowed. */
async function refusalOf(taking: Promise<void>): Promise<number | undefined> {
  try {
    await taking
    return undefined
  } catch (error) {
    assert.ok(error instanceof AuthError && error.code === 'rate_limited', String(error))
    return error.details.retryAfter
  }
}

async function consume(limiter: Limiter, rule: LimitRule, key: string, times: number): Promise<void> {
  for (let count = 0; count < times; count++) await limiter.consume(rule, key)
}

/** What both kinds of limiters do. */
function limits(limiter: Limiter): void {
  it('are counted for each realm by itself', async () => {
    const rule = freshRule(2, 60)
    const ofRealm = (realm: string) =>
      createLimiter({ counts: limiter, realm, settings: {}, onRefusal: () => {} })
    const [one, other] = [ofRealm('one'), ofRealm('other')]
    await consume(one, rule, '2001:db8::1 a@example.com', 2)
    assert.ok(await refusalOf(one.consume(rule, '2001:db8::2 a@example.com')))
    await consume(other, rule, '2001:db8::1 a@example.com', 2)
    await other.reset(rule, '2001:db8::1 a@example.com')
    assert.ok(await refusalOf(one.consume(rule, '2001:db8::1 a@example.com')))
  })

  it('allow as many uses as the rule says, to each key and each rule', async () => {
    const [rule, other] = [freshRule(3, 60), freshRule(3, 60)]
    await consume(limiter, rule, '192.0.2.1 a@example.com', 3)
    const retryAfter = await refusalOf(limiter.consume(rule, '192.0.2.1 a@example.com'))
    assert.ok(Number.isInteger(retryAfter) && retryAfter !== undefined, String(retryAfter))
    assert.ok(retryAfter > 50 && retryAfter <= 60, String(retryAfter))
    await consume(limiter, rule, '192.0.2.2 a@example.com', 3)
    await consume(limiter, other, '192.0.2.1 a@example.com', 3)
    assert.ok(await refusalOf(limiter.consume(rule, '192.0.2.1 a@example.com')))
  })

  it('let no more through when all come at once', async () => {
    const rule = freshRule(5, 60)
    const refusals = await Promise.all(
      Array.from({ length: 40 }, () => refusalOf(limiter.consume(rule, 'everybody'))),
    )
    assert.equal(refusals.filter((refusal) => refusal === undefined).length, 5)
  })

  it('count the wait down, and begin anew when the time is over', async ({ mock }) => {
    const rule = freshRule(2, 3)
    const start = Date.now()
    mock.timers.enable({ apis: ['Date'], now: start })
    await consume(limiter, rule, 'patient', 2)
    const waits: unknown[] = []
    for (const passedMs of [0, 900, 1100, 2100, 2900]) {
      mock.timers.setTime(start + passedMs)
      waits.push(await refusalOf(limiter.consume(rule, 'patient')))
    }
    assert.deepEqual(waits, [3, 3, 2, 1, 1])
    mock.timers.setTime(start + 3100)
    await consume(limiter, rule, 'patient', 2)
    assert.ok(await refusalOf(limiter.consume(rule, 'patient')))
  })

  it('refund a use', async () => {
    const rule = freshRule(2, 60)
    await consume(limiter, rule, 'right', 2)
    await limiter.refund(rule, 'right')
    await limiter.consume(rule, 'right')
    assert.ok(await refusalOf(limiter.consume(rule, 'right')))
  })

  it('let the next one in when a use is refunded, though somebody has been refused', async () => {
    const rule = freshRule(2, 60)
    for (let round = 0; round < 3; round++) {
      await Promise.all([limiter.consume(rule, 'crowd'), limiter.consume(rule, 'crowd')])
      assert.ok(await refusalOf(limiter.consume(rule, 'crowd')))
      assert.ok(await refusalOf(limiter.consume(rule, 'crowd')))
      await limiter.refund(rule, 'crowd')
      await limiter.consume(rule, 'crowd')
      await Promise.all([limiter.refund(rule, 'crowd'), limiter.refund(rule, 'crowd')])
    }
  })

  it('refund no more than was counted', async () => {
    const rule = freshRule(2, 60)
    await consume(limiter, rule, 'lucky', 2)
    await limiter.reset(rule, 'lucky')
    for (let count = 0; count < 2; count++) await limiter.refund(rule, 'lucky')
    await consume(limiter, rule, 'lucky', 2)
    assert.ok(await refusalOf(limiter.consume(rule, 'lucky')))
  })

  it('reset a key, refused or not, and no other', async () => {
    const rule = freshRule(1, 60)
    await consume(limiter, rule, 'kept', 1)
    await consume(limiter, rule, 'reset', 1)
    assert.ok(await refusalOf(limiter.consume(rule, 'reset')))
    await limiter.reset(rule, 'reset')
    await limiter.reset(rule, 'never counted')
    await limiter.consume(rule, 'reset')
    assert.ok(await refusalOf(limiter.consume(rule, 'kept')))
  })

  for (const [what, counted, same, other] of [
    ['an IPv6 /64', '2001:db8:1:2::3', '2001:DB8:1:2:ffff::', '2001:db8:1:3::3'],
    ['an IPv4 address in IPv6 clothes', '::ffff:192.0.2.77', '192.0.2.77', '::ffff:192.0.2.78'],
    ['an IPv4 address in IPv6 clothes, in hex', '::ffff:c000:257', '192.0.2.87', '::1'],
    ['a link-local address', 'fe80::1%eth0', 'fe80::2', 'fe80:0:0:1::'],
  ] as const) {
    it(`count ${what} as one`, async () => {
      for (const rest of ['', ' a@example.com']) {
        const rule = freshRule(1, 60)
        await limiter.consume(rule, counted + rest)
        assert.ok(await refusalOf(limiter.consume(rule, same + rest)))
        await limiter.consume(rule, other + rest)
      }
    })
  }
}

describe('limits in a file', () => {
  const limiter = {} as Limiter
  const closing: (() => Promise<void> | void)[] = []

  before(async () => {
    const data = await createData('sqlite')
    closing.push(data.drop)
    const file = openLimitFile(data.env.DATABASE_URL.replace('sqlite:', ''))
    closing.unshift(file.close)
    const { counts: opened, close } = createTableCounts(file, hashKey)
    closing.unshift(close)
    Object.assign(limiter, opened)
  })
  after(async () => {
    for (const close of closing) await close()
  })

  limits(limiter)
})

describe('limits on postgres', { skip: noPostgres }, () => {
  const [one, other] = [{} as Limiter, {} as Limiter]
  const closing: (() => Promise<void> | void)[] = []
  let url = ''

  before(async () => {
    // Only the test lets time pass after which a node asks again about what it has refused.
    mock.timers.enable({ apis: ['setInterval'] })
    const data = await createData('postgres')
    closing.push(data.drop)
    url = data.env.DATABASE_URL
    for (const node of [one, other]) {
      const db = await openDatabase({ engine: 'postgres', url }, Date.now())
      closing.unshift(() => db.destroy())
      const { counts, close } = createTableCounts(limitTable(db), hashKey)
      closing.unshift(close)
      Object.assign(node, counts)
    }
  })
  after(async () => {
    for (const close of closing) await close()
    mock.timers.reset()
  })

  limits(one)

  it('are counted by all nodes together', async () => {
    const rule = freshRule(10, 60)
    const refusals = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        refusalOf((index % 2 ? one : other).consume(rule, 'cluster@example.com')),
      ),
    )
    assert.equal(refusals.filter((refusal) => refusal === undefined).length, 10)
  })

  it('are reset by one node for all, though another has refused', async () => {
    const rule = freshRule(1, 60)
    await one.consume(rule, 'forgiven@example.com')
    assert.ok(await refusalOf(other.consume(rule, 'forgiven@example.com')))
    await one.reset(rule, 'forgiven@example.com')
    assert.ok(await refusalOf(other.consume(rule, 'forgiven@example.com')))
    mock.timers.tick(forgettingMs)
    await other.consume(rule, 'forgiven@example.com')
  })

  it('cost no query when the key has been refused just now', async () => {
    const rule = freshRule(1, 60)
    await one.consume(rule, 'flood@example.com')
    for (let count = 0; count < 200; count++)
      assert.ok(await refusalOf(one.consume(rule, 'flood@example.com')))
    const [row] = await select(url, `select points from limits where key like '${rule.name}:%'`)
    assert.ok(Number(row?.points) <= 2, `counted ${row?.points} times`)
  })

  it('keep nothing of a key that can be read', async () => {
    const rule = freshRule(5, 60)
    await consume(one, rule, '192.0.2.1 clear@example.com', 2)
    await consume(one, rule, '+4791234567', 1)
    const rows = await select(url, `select * from limits where key like '${rule.name}:%'`)
    assert.deepEqual(rows.map(({ points }) => points).sort(), [1, 2])
    for (const { key } of rows) assert.match(String(key), /^rule-\d+:[\w-]{43}$/)
    assert.doesNotMatch(
      JSON.stringify(await select(url, 'select * from limits')),
      /example|192\.0|4791234567/,
    )
  })
})
