import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { assertRefused, jsonOf, runCommand, spawnCommand } from '../../harness/command.ts'
import { select } from '../../harness/database.ts'
import { credebl, minbil, type Person } from '../../harness/doors.ts'
import {
  type Answer,
  freshEmail,
  onEveryEngine,
  queryOf,
  startTestServer,
  type TestServer,
  useServer,
} from '../../harness/harness.ts'
import { copySession, unendedSessions } from '../../harness/stored-sessions.ts'
import { signInAtAccount } from '../../pages/jar.ts'

const password = 'piped in, and äöü 17'

/** Has an account made on the command line, whose address is proven. */
async function create(server: TestServer, ...options: string[]): Promise<Person & { id: string }> {
  const email = freshEmail()
  const args = ['account', 'create', '--email', email, '--verified', ...options]
  const [{ id }] = await jsonOf(server, args, `${password}\n`)
  return { id, email, password }
}

async function tokensOf(server: TestServer, person: Person) {
  return minbil.tokensOf(await minbil.signIn(server, person))
}

function resetPassword(server: TestServer, link: string, password: string): Promise<Answer> {
  const form = { token: queryOf(link, 'token'), password }
  return server.request('POST', '/ui/reset-password', { form })
}

onEveryEngine('accounts on the command line', (engine) => {
  const server = useServer(engine)

  describe('create', () => {
    it('creates an account that can sign in at the running server at once', async () => {
      const person = await create(server)
      await tokensOf(server, person)
      credebl.tokensOf(await credebl.signIn(server, person))
    })

    it('does not mark the e-mail address as verified by default', async () => {
      const email = freshEmail()
      const [made] = await jsonOf(server, ['account', 'create', '--email', email], password)
      assert.equal(made.emailVerifiedAt, undefined)
      await tokensOf(server, { email, password })
      const refused = await credebl.signIn(server, { email, password })
      assert.notEqual(refused.status, 200, refused.text)
    })

    it('generates a password with --generate, prints it once, and stores it nowhere', async () => {
      const email = freshEmail()
      const [made] = await jsonOf(server, ['account', 'create', '--email', email, '--generate'])
      assert.match(made.password, /^[\dA-Za-z]{20}$/)
      await tokensOf(server, { email, password: made.password })
      const [shown] = await jsonOf(server, ['account', 'show', email])
      assert.ok(!JSON.stringify(shown).includes(made.password))
    })

    it('refuses what is taken or too short', async () => {
      const username = `cli${process.pid}`
      const { email } = await create(server, '--username', username, '--phone', '+4791234567')
      const refused = (args: string[], sentence: RegExp, input = password) =>
        assertRefused(server, ['account', 'create', ...args], sentence, input)
      await refused(['--email', email.toUpperCase()], /^another account has this e-mail address\n$/)
      await refused(['--username', username.toUpperCase()], /^another account has this user name\n$/)
      await refused(['--phone', '+47 912 34 567'], /^another account has this phone number\n$/)
      await refused(['--email', freshEmail()], /^Password must be at least 8 characters\.\n$/, 'short')
    })
  })

  it('lists accounts that match every filter, oldest first', async () => {
    const people = [await create(server), await create(server), await create(server)]
    const [prefix = ''] = people[0]?.email.toUpperCase().split(/(?<=^PERSON-\d+-)/) ?? []
    const listed = await jsonOf(server, ['account', 'list', '--email', prefix])
    const ids = listed.map(({ id }) => id)
    assert.deepEqual(
      ids.filter((id) => people.some((person) => person.id === id)),
      people.map(({ id }) => id),
    )
    assert.equal((await jsonOf(server, ['account', 'list', '--email', '%'])).length, 0)
    assert.equal((await jsonOf(server, ['account', 'list', '--disabled'])).length, 0)
    assert.equal((await jsonOf(server, ['account', 'list', '--since', '1h'])).length, ids.length)
    assert.equal((await jsonOf(server, ['account', 'list', '--since', '2999-01-01'])).length, 0)
    assert.ok(!JSON.stringify(listed).includes('argon2'))
  })

  it('shows an account by id, e-mail address and user name, and refuses an unknown one', async () => {
    const username = `Show${process.pid}`
    const { id, email } = await create(server, '--username', username)
    for (const name of [id, id.toUpperCase(), ` ${email.toUpperCase()} `, username.toLowerCase()]) {
      const [shown] = await jsonOf(server, ['account', 'show', name])
      assert.deepEqual(
        { id: shown.id, email: shown.email, username: shown.username, live: shown.liveSessions },
        { id, email, username, live: 0 },
      )
    }
    const { stdout } = await runCommand(server, ['account', 'show', id])
    assert.match(stdout, new RegExp(`^email +${email}$`, 'm'))
    await assertRefused(server, ['account', 'show', `no-${email}`], /^realm main has no account no-/)
    await assertRefused(server, ['account', '--realm', 'no', 'show', id], /^there is no realm no: main\n$/)
  })

  describe('disable and enable', () => {
    let person: Person & { id: string }
    let tokens: { access: string; refresh: string }
    let link: string

    before(async () => {
      person = await create(server)
      tokens = await tokensOf(server, person)
      const [reset] = await jsonOf(server, ['account', 'reset', person.email, '--print-link'])
      link = reset.link
    })

    it('revoke every session at once, and refuse sign-in, refresh and password reset', async () => {
      const [disabled] = await jsonOf(server, ['account', 'disable', person.email])
      assert.deepEqual(disabled, { id: person.id, disabled: true, wasChanged: true })
      const statuses = {
        signIn: (await minbil.signIn(server, person)).status,
        refresh: (await minbil.refresh(server, tokens.refresh)).status,
        access: (await server.request('POST', '/api/co/auth/sign-out', { bearer: tokens.access })).status,
        reset: (await resetPassword(server, link, 'another password 1')).status,
      }
      assert.deepEqual(statuses, { signIn: 401, refresh: 401, access: 401, reset: 404 })
      await assertRefused(server, ['account', 'reset', person.id, '--print-link'], /is disabled/)
      const [again] = await jsonOf(server, ['account', 'disable', person.email])
      assert.equal(again.wasChanged, false)
      const [listed] = await jsonOf(server, ['account', 'list', '--disabled'])
      assert.equal(listed.id, person.id)
    })

    it('let the owner sign in again, and revive no token and no link', async () => {
      await jsonOf(server, ['account', 'enable', person.id])
      await tokensOf(server, person)
      assert.equal((await minbil.refresh(server, tokens.refresh)).status, 401)
      assert.equal((await resetPassword(server, link, 'another password 1')).status, 404)
    })
  })

  it('leave no session of a sign-in that races with disabling or deleting', async () => {
    const url = server.env.DATABASE_URL ?? ''
    for (const command of [['disable'], ['delete', '--yes']]) {
      const person = await create(server)
      const tokens = [await tokensOf(server, person)]
      let isDone = false
      const ending = spawnCommand(server, ['account', ...command, person.email]).finally(() => {
        isDone = true
      })
      while (!isDone) {
        const answer = await minbil.signIn(server, person)
        if (answer.status === 200) tokens.push(minbil.tokensOf(answer))
        else assert.equal(answer.status, 401, answer.text)
      }
      assert.equal((await ending).code, 0)
      assert.equal((await minbil.signIn(server, person)).status, 401)
      const statuses = tokens.map(async ({ refresh }) => (await minbil.refresh(server, refresh)).status)
      assert.deepEqual(new Set(await Promise.all(statuses)), new Set([401]))
      const live = `select id from sessions where account_id = '${person.id}' and ended_at is null`
      assert.deepEqual(await select(url, live), [])
    }
  })

  describe('reset', () => {
    it('has a running server mail a link that sets a new password', async () => {
      const person = await create(server)
      await jsonOf(server, ['account', 'reset', person.email])
      server.clock.advance(0)
      const { links } = await server.mail(person.email, /^Set a new password/)
      const answer = await resetPassword(server, links[0] ?? '', 'chosen by mail 12345')
      assert.equal(answer.status, 200, answer.text)
      assert.equal((await minbil.signIn(server, person)).status, 401)
      await tokensOf(server, { ...person, password: 'chosen by mail 12345' })
    })

    it('prints a one-time link that verifies no e-mail address', async () => {
      const email = freshEmail()
      const [{ id }] = await jsonOf(server, ['account', 'create', '--email', email, '--generate'])
      const [{ link }] = await jsonOf(server, ['account', 'reset', id, '--print-link'])
      assert.equal((await resetPassword(server, link, 'chosen by hand 12345')).status, 200)
      assert.equal((await resetPassword(server, link, 'chosen by hand 67890')).status, 404)
      await tokensOf(server, { email, password: 'chosen by hand 12345' })
      const [shown] = await jsonOf(server, ['account', 'show', id])
      assert.equal(shown.emailVerifiedAt, undefined)
      assert.equal(
        (await server.mailbox()).filter(({ to, subject }) => to === email && /new/.test(subject)).length,
        0,
      )
    })
  })

  describe('sessions', () => {
    it('are listed, and revoked one by one or all', async () => {
      const person = await create(server)
      const other = await tokensOf(server, await create(server))
      const opened = [
        await tokensOf(server, person),
        await tokensOf(server, person),
        await tokensOf(server, person),
      ]
      const sessions = await jsonOf(server, ['account', 'sessions', person.email])
      assert.equal(sessions.length, 3)
      assert.equal(sessions[0].dialect, 'minbil')

      // Newest first.
      await jsonOf(server, ['account', 'sessions', person.email, '--end', sessions[2].id])
      const refreshed = async () =>
        Promise.all(opened.map(async ({ refresh }) => (await minbil.refresh(server, refresh)).status))
      assert.deepEqual(await refreshed(), [401, 200, 200])
      await assertRefused(
        server,
        ['account', 'sessions', person.email, '--end', sessions[2].id],
        /has no live session/,
      )
      await jsonOf(server, ['account', 'sessions', person.email, '--end-all'])
      assert.deepEqual(await refreshed(), [401, 401, 401])
      assert.equal((await jsonOf(server, ['account', 'sessions', person.email])).length, 0)
      assert.equal((await jsonOf(server, ['account', 'sessions', person.email, '--all'])).length, 3)
      assert.equal((await minbil.refresh(server, other.refresh)).status, 200)
    })
  })

  it('names the session of a browser by its page', async () => {
    const person = await create(server)
    await signInAtAccount(server, { username: person.email, password: person.password })
    const { stdout } = await runCommand(server, ['account', 'sessions', person.email])
    assert.match(stdout, /^[\da-f-]{36} {2}account page {2}\d{4}-/)
    const [session] = await jsonOf(server, ['account', 'sessions', person.email])
    assert.deepEqual([session.dialect, session.clientId], ['account', 'account'])
  })

  it('reads all sessions, page by page', async () => {
    const person = await create(server)
    const opened = await tokensOf(server, person)
    const url = server.env.DATABASE_URL ?? ''
    const [id = ''] = await unendedSessions(url, person.email)
    // As many with one time as make more than a page, and some that have ended.
    await copySession(url, { id, count: 1100 })
    await copySession(url, {
      id,
      count: 300,
      changes: { created_at: 'created_at - i', ended_at: 'created_at' },
    })
    const live = await jsonOf(server, ['account', 'sessions', person.email])
    assert.equal(new Set(live.map(({ id }) => id)).size, 1101)
    assert.equal(live.length, 1101)
    assert.ok(live.every(({ endedAt }) => endedAt === undefined))
    const all = await jsonOf(server, ['account', 'sessions', person.email, '--all'])
    assert.equal(new Set(all.map(({ id }) => id)).size, 1401)
    assert.equal(all.length, 1401)
    const times = all.map(({ createdAt }) => createdAt)
    assert.deepEqual(times, times.toSorted().reverse())
    const [shown] = await jsonOf(server, ['account', 'show', person.email])
    assert.equal(shown.liveSessions, 1101)
    const { stdout } = await runCommand(server, ['account', 'export', person.email])
    const { sessions } = JSON.parse(stdout)
    assert.deepEqual(
      sessions.map(({ id }: { id: string }) => id),
      all.map(({ id }) => id),
    )
    // Reading has ended none.
    assert.equal((await minbil.refresh(server, opened.refresh)).status, 200)
  })

  it('audits what the command line did as cli, and no password', async () => {
    const url = server.env.DATABASE_URL ?? ''
    const rows = await select(url, `select event, actor from audit where actor is not null`)
    const events = [...new Set(rows.map(({ event, actor }) => `${event} by ${actor}`))].sort()
    assert.deepEqual(events, [
      'account.created by cli',
      'account.deleted by cli',
      'account.disabled by cli',
      'account.enabled by cli',
      'account.exported by cli',
      'password.reset_requested by cli',
      'session.ended by cli',
    ])
  })
})

describe('accounts of several realms', () => {
  const server = {} as TestServer
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manydoors-realms-'))
    const file = join(folder, 'manydoors.yaml')
    const realms =
      'realms:\n  main: {}\n  staff:\n    hosts: [staff.example.com]\n    publicUrl: https://staff.example.com\n'
    await writeFile(file, realms)
    Object.setPrototypeOf(server, await startTestServer('sqlite', { env: { MANYDOORS_CONFIG: file } }))
  })
  after(async () => {
    await server.close?.()
    await rm(folder, { recursive: true, force: true })
  })

  it('are kept apart', async () => {
    const staff = ['--realm', 'staff']
    const { email, id } = await create(server)
    const [other] = await jsonOf(server, ['account', 'create', '--email', email, '--generate', ...staff])
    assert.notEqual(other.id, id)
    const listed = await jsonOf(server, ['account', 'list', ...staff])
    assert.deepEqual(
      listed.map(({ id }) => id),
      [other.id],
    )
    await assertRefused(server, ['account', 'show', id, ...staff], /^realm staff has no account/)
    await jsonOf(server, ['account', 'delete', email, '--yes', ...staff])
    assert.equal((await jsonOf(server, ['account', 'list', ...staff])).length, 0)
    await tokensOf(server, { email, password })
    assert.equal((await jsonOf(server, ['audit', '--account', email])).length, 2)
    const deleted = await jsonOf(server, ['audit', '--event', 'account.deleted'])
    assert.equal(deleted.length, 0)
  })
})

describe('options of account commands', () => {
  const nowhere = { env: {} }
  const wrong: [args: string[], sentence: RegExp, input?: string][] = [
    [['create', '--email', freshEmail()], /^there is no password/, '\n'],
    [['create'], /^give --email, --username or --phone/, password],
    [['create', '--username', 'some@body'], /no @ among them/],
    [['list', '--since', 'yesterday'], /must be like 2026-01-31/],
  ]
  for (const [args, sentence, input] of wrong) {
    it(`refuse ${args.join(' ')}`, () => assertRefused(nowhere, ['account', ...args], sentence, input))
  }

  it('take no password as an argument', () =>
    assertRefused(
      nowhere,
      ['account', 'create', '--email', freshEmail(), '--password', 'x'],
      /unknown option/,
    ))
})
