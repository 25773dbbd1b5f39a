import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { post as postToVastly } from '../../dialects/vastly/door.ts'
import { confirm, enrol, nextCode, login as wolfpalLogin } from '../../dialects/wolfpal/door.ts'
import { assertRefused, jsonOf, runCommand } from '../../harness/command.ts'
import { execute, select } from '../../harness/database.ts'
import { credebl, minbil } from '../../harness/doors.ts'
import { everyColumn, everyFile } from '../../harness/everything.ts'
import { onEveryEngine, type TestServer, useServer } from '../../harness/harness.ts'
import { endOfJobs } from '../../harness/jobs.ts'
import { found, type Needle } from '../../harness/secrets.ts'

const password = 'the secret of Ingeborg 4711'

/** Everything by which she could be known. */
const person = {
  email: 'ingeborg.erasmus@example.com',
  username: 'ingeborgerasmus',
  phone: '+4790123456',
  ip: '203.0.113.77',
  userAgent: 'Ingeborgs-Browser/7.0',
}
const bystander = { email: 'bystander@example.com', ip: '203.0.113.99' }

const headers = { 'x-forwarded-for': person.ip, 'user-agent': person.userAgent }

onEveryEngine('the deletion of an account', (engine) => {
  const server = useServer(engine, { env: { MANYDOORS_TRUSTED_PROXIES: '127.0.0.1' } })
  const url = () => server.env.DATABASE_URL ?? ''
  let id: string
  let bystanderId: string
  let sessionIds: string[]
  let refreshToken: string
  let needles: Needle[]

  before(async () => {
    const { email, username, phone } = person
    const names = ['--email', email, '--username', username, '--phone', phone, '--verified']
    ;[{ id }] = await jsonOf(server, ['account', 'create', ...names], password)
    const args = ['account', 'create', '--email', bystander.email, '--verified']
    ;[{ id: bystanderId }] = await jsonOf(server, args, password)
    refreshToken = await live(server)
    const rows = await select(url(), `select id from sessions where account_id = '${id}'`)
    sessionIds = rows.map(({ id }) => String(id))
    assert.equal(sessionIds.length, 3)
    needles = [...Object.values(person), id, ...sessionIds].map((text) => ({
      what: text,
      bytes: Buffer.from(text),
    }))
  })

  it('finds all of her data first', async () => {
    assert.deepEqual(found(needles, await everyColumn(server)).sort(), needles.map(({ what }) => what).sort())
    const subjects = await select(url(), 'select subject from audit where subject is not null')
    assert.ok(subjects.length >= 3)
  })

  it('is preceded by an export of all that, without any credential', async () => {
    const { code, stdout, stderr } = await runCommand(server, ['account', 'export', person.email])
    assert.equal(code, 0, stderr)
    const data = JSON.parse(stdout)
    assert.deepEqual(found(needles, Buffer.from(stdout)).sort(), needles.map(({ what }) => what).sort())
    assert.equal(data.account.id, id)
    assert.equal(data.sessions.length, 3)
    assert.ok(data.secondFactors.authenticator.confirmedAt)
    assert.equal(data.secondFactors.recoveryCodes.length, 10)
    const kinds = new Set(data.messages.map(({ kind }: { kind: string }) => kind))
    for (const kind of ['reset-password-mail', 'reset-code-sms']) assert.ok(kinds.has(kind), kind)
    const events = data.audit.map(({ event }: { event: string }) => event)
    for (const event of ['account.created', 'sign_in', 'password.reset_requested', 'second_factor.enabled'])
      assert.ok(events.includes(event), event)
    assert.ok(data.tickets.some(({ kind }: { kind: string }) => kind === 'reset-password'))
    for (const secret of ['argon2', password, refreshToken, bystander.email, bystanderId])
      assert.ok(!stdout.includes(secret), secret)
    const columns = await select(url(), 'select hash from tickets union all select secret_sealed from totp')
    assert.ok(columns.length > 0)
    for (const { hash } of columns) assert.ok(!stdout.includes(String(hash)))
  })

  it('does nothing unless confirmed', async () => {
    await assertRefused(server, ['account', 'delete', person.email], /nothing was deleted/, 'no\n')
    await assertRefused(server, ['account', 'delete', person.email], /nothing was deleted/)
    minbil.tokensOf(await minbil.refresh(server, refreshToken))
  })

  it('ends every session at once and drops the queued mails', async () => {
    // As if no mail had gone out for a while.
    await execute(
      url(),
      `insert into jobs (id, realm, kind, payload, run_at, attempts, created_at) values
       ('waiting-mail', 'main', 'reset-password-mail', '{"email":"${person.email}"}', ${Date.now() + 9e9}, 0, 0),
       ('mail-of-another', 'main', 'reset-password-mail', '{"email":"${person.email.slice(0, -1)}"}', ${Date.now() + 9e9}, 0, 0)`,
    )
    const [deleted] = await jsonOf(server, ['account', 'delete', person.email], 'yes\n')
    assert.equal(deleted.id, id)
    assert.match(deleted.pseudonym, /^deleted-[\da-f]{32}$/)
    assert.equal(deleted.leavesTraces, false)
    const waiting = await select(url(), `select id from jobs where id in ('waiting-mail', 'mail-of-another')`)
    assert.deepEqual(
      waiting.map(({ id }) => id),
      ['mail-of-another'],
    )
  })

  it('leaves nothing of her in any column of any table', async () => {
    assert.deepEqual(found(needles, await everyColumn(server)), [])
  })

  it('leaves nothing of her in any file', {
    skip: engine === 'postgres' && 'it vacuums in its own time',
  }, async () => {
    assert.deepEqual(found(needles, await everyFile(server)), [])
    const others = [{ what: 'the bystander', bytes: Buffer.from(bystander.email) }]
    assert.deepEqual(found(others, await everyFile(server)), ['the bystander'])
  })

  it('keeps the audit trail, under one random pseudonym', async () => {
    const rows = await select(url(), `select * from audit where account_id like 'deleted-%'`)
    assert.equal(new Set(rows.map(({ account_id }) => account_id)).size, 1)
    for (const { ip, session_id, subject } of rows)
      assert.deepEqual([ip, session_id, subject], [null, null, null])
    const events = rows.map(({ event }) => event)
    for (const event of ['account.created', 'sign_in', 'password.reset_requested', 'account.deleted'])
      assert.ok(events.includes(event), event)
    const [row] = await jsonOf(server, [
      'audit',
      '--account',
      String(rows[0]?.account_id),
      '--event',
      'account.deleted',
    ])
    assert.equal(row.actor, 'cli')
  })

  it('leaves another account untouched', async () => {
    minbil.tokensOf(await minbil.signIn(server, { ...bystander, password }))
    const rows = await select(url(), `select ip from audit where account_id = '${bystanderId}'`)
    assert.ok(rows.some(({ ip }) => ip === bystander.ip))
  })

  it('refuses her tokens and her password, and frees her e-mail address', async () => {
    assert.equal((await minbil.refresh(server, refreshToken)).status, 401)
    assert.equal((await minbil.signIn(server, { ...person, password })).status, 401)
    await assertRefused(server, ['account', 'delete', id, '--yes'], /has no account/)
    const signUp = await server.request('POST', '/api/co/auth/sign-up', {
      json: { email: person.email, password },
    })
    assert.equal(signUp.status, 201, signUp.text)
  })

  it('is completed where a concurrent request writes a row later', async () => {
    const now = server.clock.now()
    await execute(
      url(),
      `insert into audit (id, realm, at, event, outcome, account_id, session_id, ip) values
       ('${idAt(now)}', 'main', ${now}, 'sign_in', 'refused', '${id}', '${sessionIds[0]}', '${person.ip}')`,
    )
    await server.maintain()
    const [stray] = await select(url(), `select * from audit where id = '${idAt(now)}'`)
    assert.deepEqual([stray?.account_id, stray?.ip, stray?.session_id], ['deleted-account', null, null])
    const rows = await select(url(), `select ip from audit where account_id = '${bystanderId}'`)
    assert.ok(rows.some(({ ip }) => ip === bystander.ip))
  })
})

/** A UUIDv7 of that time. */
function idAt(time: number): string {
  const hex = time.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7fff-bfff-ffffffffffff`
}

/** Has her use every door, and returns a refresh token that is good. */
async function live(server: TestServer): Promise<string> {
  const { email, phone } = person
  const signIn = { json: { email, password }, headers }
  // The second factor first, as setting it up ends the other sessions.
  const wolfpal = await wolfpalLogin(server, { email, password }, headers)
  const bearer = wolfpal.body.access_token
  const { secret } = await enrol(server, bearer)
  assert.equal((await confirm(server, bearer, nextCode(server, secret))).status, 200)
  const atMinbil = await server.request('POST', '/api/co/auth/sign-in', signIn)
  const { two_factor_token } = atMinbil.body
  const forMinbil = { json: { two_factor_token, code: nextCode(server, secret) }, headers }
  const opened = minbil.tokensOf(await server.request('POST', '/api/co/auth/two-factor', forMinbil))
  const { twoFactorToken } = (await server.request('POST', '/auth/signin', signIn)).body.data
  const forCredebl = { json: { twoFactorToken, code: nextCode(server, secret) }, headers }
  credebl.tokensOf(await server.request('POST', '/auth/signin/two-factor', forCredebl))
  const wrong = await server.request('POST', '/api/co/auth/sign-in', {
    json: { email, password: 'x' },
    headers,
  })
  assert.equal(wrong.status, 401)
  await server.request('POST', '/api/co/auth/forgot-password', { json: { email }, headers })
  // The message would void the link, were it sent before the mail.
  await endOfJobs(server)
  await postToVastly(server, '/forgotpass/mobile', { json: { mobile: phone }, headers })
  await server.request('POST', '/auth/verification-mail', { json: { email }, headers })
  await server.request('POST', '/api/co/auth/sign-in', {
    json: { email: bystander.email, password },
    headers: { 'x-forwarded-for': bystander.ip },
  })
  await endOfJobs(server)
  return opened.refresh
}
