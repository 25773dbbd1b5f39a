import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assertRefused, jsonOf, runCommand } from '../../harness/command.ts'
import { minbil, register } from '../../harness/doors.ts'
import { onEveryEngine, queryOf, useServer } from '../../harness/harness.ts'
import { bring, useSwitch } from '../../harness/old-server.ts'
import { bcryptHash, bcryptPassword, importPeople, type OldAccount } from './people.ts'

onEveryEngine('switching changes', (engine) => {
  const server = useServer(engine)
  const servers = useSwitch(engine)

  /** Whoever has changed since that time, by their addresses. */
  async function changes(since: number): Promise<Record<string, string[]>> {
    const args = ['switching', 'changes', '--since', new Date(since).toISOString()]
    const rows = await jsonOf(server, args)
    return Object.fromEntries(rows.map(({ email, changed }) => [email ?? '', changed.sort()]))
  }

  async function reset({ email }: { email: string }): Promise<void> {
    const [{ link }] = await jsonOf(server, ['account', 'reset', email, '--print-link'])
    const form = { token: queryOf(link, 'token'), password: 'a password of today' }
    const answer = await server.request('POST', '/ui/reset-password', { form })
    assert.equal(answer.status, 200, answer.text)
  }

  it('lists who is not any more what the old server knows, by the name that it has for them', async () => {
    const since = server.clock.now()
    const [changed, signedIn] = (await importPeople(server, [
      { passwordHash: bcryptHash },
      { passwordHash: bcryptHash },
      { passwordHash: bcryptHash },
    ])) as [OldAccount, OldAccount, OldAccount]
    await reset(changed)
    // Its hash is a new one, and its password is not.
    minbil.tokensOf(await minbil.signIn(server, { email: signedIn.email, password: bcryptPassword }))
    const created = await register(server)
    await jsonOf(server, ['account', 'disable', created.email])

    assert.deepEqual(await changes(since), {
      [changed.email]: ['password'],
      [created.email]: ['created', 'disabled'],
    })
    const rows = await jsonOf(server, ['switching', 'changes', '--since', '1h'])
    const row = rows.find(({ email }) => email === changed.email)
    assert.deepEqual(row.links, [{ source: 'acme', sourceId: changed.sourceId }])
  })

  it('knows of a deleted account no more than that there was one', async () => {
    const since = server.clock.now()
    const [person] = (await importPeople(server, [{ passwordHash: bcryptHash }])) as [OldAccount]
    await jsonOf(server, ['account', 'delete', person.email, '--yes'])
    const [row, ...others] = await jsonOf(server, [
      'switching',
      'changes',
      '--since',
      new Date(since).toISOString(),
    ])
    assert.deepEqual([row.changed, row.email, row.links, others], [['deleted'], undefined, [], []])
    assert.match(row.id, /^deleted-/)
  })

  it('lists nobody whose password the old server has only told', async () => {
    const since = servers.next.clock.now()
    const person = await register(servers.old)
    await bring(servers.next, { email: person.email, pending: 'minbil', isUnproven: true })
    minbil.tokensOf(await minbil.signIn(servers.next, person))
    const args = ['switching', 'changes', '--since', new Date(since).toISOString()]
    assert.deepEqual(await jsonOf(servers.next, args), [])
  })

  it('says nothing of what was before, and wants to be told since when', async () => {
    const [person] = (await importPeople(server, [{ passwordHash: bcryptHash }])) as [OldAccount]
    await reset(person)
    assert.deepEqual(await changes(server.clock.now() + 1_000), {})
    await assertRefused(server, ['switching', 'changes'], /required option '--since <time>'/)
  })

  it('shows no secret', async () => {
    const [person] = (await importPeople(server, [{ passwordHash: bcryptHash }])) as [OldAccount]
    await reset(person)
    for (const json of [[], ['--json']]) {
      const { stdout } = await runCommand(server, [...json, 'switching', 'changes', '--since', '30d'])
      assert.ok(stdout.includes(person.email))
      assert.doesNotMatch(stdout, /\$2b\$|\$argon2|a password of today/)
    }
  })
})

describe('switching changes where accounts come from the old server one by one', () => {
  const servers = useSwitch('sqlite', { settings: ', verify: unknown' })

  it('lists who was signed up here, and nobody whom the old server knows', async () => {
    const since = servers.next.clock.now()
    minbil.tokensOf(await minbil.signIn(servers.next, await register(servers.old)))
    const { email } = await register(servers.next)
    const args = ['switching', 'changes', '--since', new Date(since).toISOString()]
    const rows = await jsonOf(servers.next, args)
    assert.deepEqual(
      rows.map(({ email, changed }) => [email, changed]),
      [[email, ['created']]],
    )
    assert.equal((await jsonOf(servers.next, ['account', 'list'])).length, 2)
  })
})
