import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { jsonOf, runCommand } from '../../harness/command.ts'
import { execute } from '../../harness/database.ts'
import { register } from '../../harness/doors.ts'
import { onEveryEngine, useServer } from '../../harness/harness.ts'
import { bcryptHash, importPeople } from './people.ts'

const yaml = `
realms:
  main:
    dialects:
      credebl: {}
      minbil: {}
      pm2: {}
      wolfpal:
        switching: { upstream: 'https://old.example.com', until: 2027-03-01 }
`

onEveryEngine('switching status', (engine) => {
  const server = useServer(engine, { yaml })
  const daysAgo = (days: number) => new Date(server.clock.now() - days * 86_400_000).toISOString()
  before(async () => {
    await register(server)
    await importPeople(server, [
      { passwordHash: bcryptHash, lastSignInAt: daysAgo(2) },
      { passwordHash: bcryptHash },
    ])
    const pending = [daysAgo(3), daysAgo(20), daysAgo(40), undefined].map((lastSignInAt) => ({
      lastSignInAt,
    }))
    await importPeople(server, [...pending, { disabled: true }], ['--pending', 'wolfpal'])
    await importPeople(server, [{}], ['--pending', 'pm2'])
    await importPeople(server, [{}])
  })

  it('counts accounts by state, of all and of those who came lately, without the disabled ones', async () => {
    const [{ realms }] = await jsonOf(server, ['switching', 'status'])
    const [{ doors, ...main }, ...others] = realms
    assert.deepEqual(
      [main, others],
      [
        {
          realm: 'main',
          all: { accounts: 9, own: 1, imported: 2, pending: 5, none: 1 },
          seen: [
            { days: 7, counts: { accounts: 2, own: 0, imported: 1, pending: 1, none: 0 } },
            { days: 30, counts: { accounts: 3, own: 0, imported: 1, pending: 2, none: 0 } },
          ],
          kinds: [{ kind: 'bcrypt 10', accounts: 2 }],
          disabled: 1,
        },
        [],
      ],
    )
    assert.deepEqual(doors, [
      {
        dialect: 'wolfpal',
        pending: 4,
        seen: [
          { days: 7, pending: 1 },
          { days: 30, pending: 2 },
        ],
        settled: { days: 7, accounts: 0 },
        isConfigured: true,
        verify: 'pending',
        until: '2027-03-02T00:00:00.000Z',
      },
      {
        dialect: 'pm2',
        pending: 1,
        seen: [
          { days: 7, pending: 0 },
          { days: 30, pending: 0 },
        ],
        settled: { days: 7, accounts: 0 },
        isConfigured: false,
      },
    ])
  })

  it('says who will come, who needs a mail, and which door has no old server', async () => {
    const { code, stdout, stderr } = await runCommand(server, ['switching', 'status', '--realm', 'main'])
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^realm main: 9 accounts, and 1 that are disabled$/m)
    assert.match(stdout, /^ {2}pending +5 +1 +2$/m)
    assert.match(stdout, /^ {2}settled +12\.5 % +0 % +0 %$/m)
    assert.match(stdout, /^ {2}wolfpal: 4 pending; its old server is asked: pending, until 2027-03-02T/m)
    assert.match(stdout, /1 in 7 days, 2 in 30 days; 2 were seen longer ago or never, and need a mail$/m)
    assert.match(stdout, /^ {2}pm2: 1 pending; it has no old server in the settings/m)
  })

  it('says how many come, and how many are left at the end at that pace', async () => {
    const now = Date.parse('2027-02-26T00:00:00Z')
    const come = Array.from({ length: 4 }, (_, index) => {
      const at = now - (index + 1) * 86_400_000
      const hex = at.toString(16).padStart(12, '0')
      const id = `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`
      return `('${id}', 'main', ${at}, 'password.settled', 'success', 'wolfpal')`
    })
    const columns = 'id, realm, at, event, outcome, dialect'
    await execute(server.env.DATABASE_URL ?? '', `insert into audit (${columns}) values ${come.join(', ')}`)
    const target = { env: server.env, now: () => now }
    const { stdout, stderr } = await runCommand(target, ['switching', 'status'])
    // Four in seven days, and four days are left: two and a bit.
    assert.match(stdout, /^ {4}4 have come in the last 7 days; at that pace 2 are left then$/m, stderr)
    assert.match(stdout, /^ {4}0 have come in the last 7 days$/m)
  })

  it('has a list of accounts for each state', async () => {
    const count = async (state: string) =>
      (await jsonOf(server, ['account', 'list', '--password', state])).length
    assert.deepEqual(
      [await count('own'), await count('imported'), await count('pending'), await count('none')],
      [1, 2, 6, 1],
    )
  })

  describe('and finish', () => {
    const finish = (...more: string[]) => ['switching', 'finish', 'wolfpal', ...more]

    it('changes nothing until somebody says yes', async () => {
      const { code, stderr } = await runCommand(server, finish(), 'no\n')
      assert.equal(code, 1)
      assert.match(
        stderr,
        /^Leave 4 accounts of realm main \(2 of them were seen in the last 30 days\) without/,
      )
      assert.match(stderr, /nothing was changed\n$/)
      assert.equal((await jsonOf(server, ['account', 'list', '--password', 'pending'])).length, 6)
    })

    it('leaves pending accounts of that door without a password, once, and notes it', async () => {
      const [finished] = await jsonOf(server, finish('--yes'))
      assert.deepEqual(finished, { realm: 'main', dialect: 'wolfpal', finished: 5 })
      const pending = await jsonOf(server, ['account', 'list', '--password', 'pending'])
      assert.deepEqual(
        pending.map(({ passwordPending }) => passwordPending),
        ['pm2'],
      )
      assert.equal((await jsonOf(server, ['account', 'list', '--password', 'none'])).length, 6)
      assert.equal((await jsonOf(server, finish('--yes')))[0].finished, 0)
      const trail = await jsonOf(server, ['audit', '--event', 'switching.finished'])
      assert.deepEqual(
        trail.map(({ detail, actor }) => [detail, actor]),
        [['wolfpal 5', 'cli']],
      )
    })
  })
})
