import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { assertRefused, jsonOf, runCommand } from '../../harness/command.ts'
import { minbil, type Person, register } from '../../harness/doors.ts'
import { eventually } from '../../harness/events.ts'
import { onEveryEngine, type TestServer, useServer } from '../../harness/harness.ts'
import { program } from '../../harness/program.ts'

const ip = '198.51.100.7'

onEveryEngine('the audit trail on the command line', (engine) => {
  const server = useServer(engine, { env: { MANYDOORS_TRUSTED_PROXIES: '127.0.0.1' } })
  let person: Person
  let id: string

  before(async () => {
    await register(server)
    person = await register(server)
    minbil.tokensOf(await minbil.signIn(server, person))
    const signIn = { json: { ...person, password: 'wrong' }, headers: { 'x-forwarded-for': ip } }
    assert.equal((await server.request('POST', '/api/co/auth/sign-in', signIn)).status, 401)
    const { email } = person
    await server.request('POST', '/api/co/auth/forgot-password', { json: { email } })
    ;[{ id }] = await jsonOf(server, ['account', 'show', email])
  })

  it('is printed oldest first, as JSON lines when they are asked for', async () => {
    const rows = await jsonOf(server, ['audit'])
    const times = rows.map(({ at }) => Date.parse(at))
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    )
    assert.deepEqual(rows.map(({ event }) => event).filter((event) => event === 'account.created').length, 2)
    const { stdout } = await runCommand(server, ['audit', '--limit', '1'])
    assert.match(
      stdout,
      /^\d{4}-\d\d-\d\dT[\d:.]+Z {2}password\.reset_requested {2}success .*ip=127\.0\.0\.1\n$/,
    )
  })

  it('finds the events of an account, and attempts with names typed for it', async () => {
    const events = async (name: string) =>
      (await jsonOf(server, ['audit', '--account', name])).map(({ event, outcome }) => `${event} ${outcome}`)
    const expected = [
      'account.created success',
      'sign_in success',
      'sign_in refused',
      'password.reset_requested success',
    ]
    assert.deepEqual(await events(person.email), expected)
    assert.deepEqual(await events(id), expected)
  })

  it('is filtered by event, time, IP address, client and dialect', async () => {
    const count = async (...args: string[]) => (await jsonOf(server, ['audit', ...args])).length
    assert.equal(await count('--event', 'sign_in'), 2)
    for (const written of [ip, `::ffff:${ip}`, '::FFFF:C633:6407', `${ip}:40001`, `[::ffff:${ip}]:443`])
      assert.equal(await count('--ip', written), 1, written)
    assert.equal(await count('--client', 'minbil', '--event', 'sign_in', '--account', id), 2)
    assert.equal(await count('--dialect', 'pm2'), 0)
    assert.equal(await count('--until', '1d'), 0)
    assert.equal(await count('--since', '2999-01-01'), 0)
    assert.equal(await count('--since', '1h', '--event', 'sign_in'), 2)
    const [only] = await jsonOf(server, ['audit', '--limit', '2', '--event', 'sign_in', '--account', id])
    assert.equal(only.outcome, 'success')
  })

  it('refuses an invalid IP address', () =>
    assertRefused(server, ['audit', '--ip', '198.51.100'], /It must be an IP address/))

  it('refuses an unknown account', () =>
    assertRefused(server, ['audit', '--account', 'nobody@example.com'], /has no account nobody@example\.com/))

  it('prints new events with --follow', async () => {
    await following(server, ['--event', 'sign_in', '--account', id], async (rowsCome) => {
      assert.equal((await rowsCome(2)).length, 2)
      for (const more of [1, 2]) {
        minbil.tokensOf(await minbil.signIn(server, person))
        await rowsCome(2 + more)
      }
      const rows = await rowsCome(4)
      assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length)
    })
  })

  it('follows from the newest rows on, without earlier ones', async () => {
    const all = await jsonOf(server, ['audit'])
    await following(server, ['--limit', '1'], async (rowsCome) => {
      assert.deepEqual(await rowsCome(1), all.slice(-1))
      minbil.tokensOf(await minbil.signIn(server, person))
      const [, ...more] = await rowsCome(2)
      assert.deepEqual(
        more.filter(({ id }) => all.some((row) => row.id === id)),
        [],
      )
    })
  })
})

/** Runs `audit --follow` meanwhile; the function that is handed on gives its rows once there are so many. */
async function following(
  { env }: Pick<TestServer, 'env'>,
  args: string[],
  work: (rowsCome: (count: number) => Promise<Record<string, unknown>[]>) => Promise<void>,
): Promise<void> {
  const child = spawn(process.execPath, [program, '--json', 'audit', '--follow', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  const rows = () =>
    printed
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  try {
    await work((count) =>
      eventually(`${count} rows`, async () => (rows().length >= count ? rows() : undefined)),
    )
  } finally {
    child.kill()
    await closed
  }
}

describe('docs/accounts.md', () => {
  const project = join(import.meta.dirname, '..', '..', '..')

  it('names every event', async () => {
    const source = await readFile(join(project, 'src/core/audit/audit-event.ts'), 'utf8')
    const [, type = ''] = /export type AuditEvent =(.*)/s.exec(source) ?? []
    const events = [...type.matchAll(/'([\w.]+)'/g)].map(([, event]) => event)
    const document = await readFile(join(project, 'docs/accounts.md'), 'utf8')
    const [, list = ''] = /^The events: (.*?)\.\n\n/ms.exec(document) ?? []
    const named = [...list.matchAll(/`([\w.]+)`/g)].map(([, event]) => event)
    assert.ok(events.includes('sign_in'))
    assert.deepEqual(named, events.toSorted())
  })
})

describe('options of the audit command', () => {
  for (const [option, value] of [
    ['--since', 'soon'],
    ['--limit', '0'],
  ] as const) {
    it(`refuse ${option} ${value}`, () => assertRefused({ env: {} }, ['audit', option, value], /It must be/))
  }
})
