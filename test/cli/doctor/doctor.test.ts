import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type SmtpInbox, startSmtpInbox } from '../../delivery/mail/smtp-inbox.ts'
import { freePort } from '../../global-setup.ts'
import { runCommand } from '../../harness/command.ts'
import { execute } from '../../harness/database.ts'
import { createData, type Engine, freshEmail, onEveryEngine, type TestData } from '../../harness/harness.ts'
import { type Program, startProgram } from '../../harness/program.ts'
import { examine, quickMachine } from './examination.ts'

onEveryEngine('doctor', (engine) => {
  const env = useEnvironment(engine)
  let program: Program
  let inbox: SmtpInbox

  before(async () => {
    // Known before it listens: apps find the issuer there that it is started with.
    const port = await freePort()
    program = await startProgram({
      ...env,
      PORT: `${port}`,
      MANYDOORS_PUBLIC_URL: `http://127.0.0.1:${port}`,
    })
    // Which makes the keys of RS256.
    assert.equal((await fetch(`${program.url}/.well-known/openid-configuration`)).status, 200)
    inbox = await startSmtpInbox()
  })
  after(async () => {
    await program?.kill()
    await inbox?.close()
  })
  const healthy = () => ({
    ...env,
    MANYDOORS_PUBLIC_URL: program.url,
    SMTP_URL: inbox.url,
    MAIL_FROM: 'Example <auth@example.com>',
  })

  it('finds no problem with a healthy server, and sends nothing', async () => {
    const examination = await examine(healthy())
    const ofServer = examination.findings.filter(({ check }) => !ofMachine.includes(check))
    assert.deepEqual(
      ofServer.filter(({ state }) => state !== 'ok'),
      [],
    )
    assert.equal(examination.code, 0)
    assert.match(examination.of('public address').says, /leads to a server on this database$/)
    assert.match(examination.of('master key').says, /^it decrypts the 4 signing keys/)
    assert.match(
      examination.of('database').says,
      engine === 'sqlite' ? /^SQLite .* wal$/ : /^PostgreSQL .*UTF8/,
    )
    assert.match(examination.of('mail').says, /answers$/)
    assert.deepEqual(inbox.mails, [])
  })

  it('sends a test mail with --send-to, and to nobody else', async () => {
    const address = freshEmail()
    const examination = await examine(healthy(), ['--send-to', address])
    assert.equal(examination.of('test mail').state, 'ok')
    assert.deepEqual(
      inbox.mails.map(({ recipients }) => recipients),
      [[address]],
    )
  })

  it('advises on a mail server that refuses our EHLO name, or has no TLS', async () => {
    inbox.replyToSender = () => '550 5.7.1 Helo command rejected: need fully-qualified hostname'
    const refused = await examine(healthy(), ['--send-to', freshEmail()])
    inbox.replyToSender = () => 250
    assert.match(refused.of('test mail').advice ?? '', /^set SMTP_NAME/)
    const SMTP_URL = inbox.url.replace('smtp:', 'smtps:')
    const plain = await examine({ ...healthy(), SMTP_URL })
    assert.match(plain.of('mail').advice ?? '', /requireTLS/)
  })

  it('warns of a sample for a secret that signs service keys, and calls it a problem in production', async () => {
    const GOTRUE_LEGACY_JWT_SECRET = 'super-secret-jwt-token-with-at-least-32-characters-long'
    const ofSample = await examine({ ...healthy(), GOTRUE_LEGACY_JWT_SECRET })
    const { state, says } = ofSample.of('service keys')
    assert.deepEqual([ofSample.code, state], [0, 'warning'])
    assert.match(says, /^realms\.main\.dialects\.gotrue\.legacyJwtSecret is in documents/)
    const inProduction = await examine({ ...healthy(), GOTRUE_LEGACY_JWT_SECRET, NODE_ENV: 'production' })
    assert.deepEqual([inProduction.code, inProduction.of('configuration').state], [1, 'problem'])
    assert.match(inProduction.of('configuration').says, /gotrue\.legacyJwtSecret must be in no document/)
    assert.ok(!JSON.stringify([ofSample, inProduction]).includes(GOTRUE_LEGACY_JWT_SECRET))
  })

  it('prints one line for each check', async () => {
    const { code, stdout, stderr } = await runCommand({ env: healthy(), ...quickMachine() }, ['doctor'])
    assert.equal(code, 0)
    assert.equal(stderr, '')
    const lines = stdout.trimEnd().split('\n')
    const summary = lines.pop()
    assert.equal(lines.pop(), '')
    for (const line of lines) assert.match(line, /^(ok|warning|problem) +\S/)
    assert.match(summary ?? '', new RegExp(`^${lines.length} checks, 0 problems, \\d warnings$`))
  })

  it('detects that the public URL leads to another server', async () => {
    const other = await createData(engine)
    const stranger = await startProgram({ ...other.env, MANYDOORS_SECRET: env.MANYDOORS_SECRET })
    try {
      const { of } = await examine({ ...env, MANYDOORS_PUBLIC_URL: stranger.url })
      assert.match(of('public address').says, /leads to another server$/)
      assert.notEqual(of('public address').state, 'ok')
    } finally {
      await stranger.kill()
      await other.drop()
    }
  })

  it('detects a wrong master key, dead jobs, and a clock that was ahead', async () => {
    const url = env.DATABASE_URL
    await execute(
      url,
      `insert into jobs (id, realm, kind, payload, run_at, attempts, created_at, dead_at)
       values ('dead', 'main', 'password-changed-mail', '{}', 1, 30, 1, 2)`,
    )
    const tomorrow = Date.now() + 86_400_000
    await execute(
      url,
      `insert into audit (id, realm, at, event, outcome) values ('ffff', 'main', ${tomorrow}, 'sign_in', 'success')`,
    )
    const MANYDOORS_SECRET = randomBytes(32).toString('base64')
    const { code, findings, of } = await examine({ ...healthy(), MANYDOORS_SECRET })
    assert.equal(of('master key').state, 'problem')
    assert.deepEqual(of('jobs').says, '0 waiting, 1 given up')
    assert.equal(of('jobs').state, 'warning')
    assert.match(of('clock').says, /^the newest event is 8\d{4}\.\d s in the future/)
    assert.equal(of('public address').state, 'ok')
    assert.deepEqual(namesOf(findings.filter(({ state }) => state === 'problem')), [
      'clock',
      'master key',
      'master keys',
    ])
    assert.equal(code, 1)
  })
})

describe('doctor before a first start', () => {
  const env = useEnvironment('sqlite')

  it('reports what is missing, and makes none of it', async () => {
    const MANYDOORS_DATA = join(env.MANYDOORS_DATA, 'never')
    const database = join(MANYDOORS_DATA, 'manydoors.db')
    const { of } = await examine({ ...env, MANYDOORS_DATA, DATABASE_URL: '', MANYDOORS_SECRET: '' })
    assert.match(of('database').says, /^there is no .*manydoors\.db yet$/)
    assert.equal(of('database').state, 'warning')
    assert.equal(existsSync(database), false)
    assert.equal(existsSync(MANYDOORS_DATA), false)
  })

  it('names pending migrations', async () => {
    const path = join(env.MANYDOORS_DATA, 'empty.db')
    await writeFile(path, '')
    const { of } = await examine({ ...env, DATABASE_URL: `sqlite:${path}` })
    assert.match(of('schema').says, /^waiting: 001-core/)
  })
})

describe('doctor on what is broken', () => {
  const env = useEnvironment('sqlite')

  it('names every problem of the configuration, and still checks the machine', async () => {
    const { code, findings, of } = await examine({ ...env, PORT: 'x', MANYDOORS_FOO: '1' })
    const complaints = findings.filter(({ check }) => check === 'configuration')
    assert.deepEqual(complaints.map(({ says }) => says).sort(), [
      'MANYDOORS_FOO is not a setting',
      'PORT must be a whole number from 0 to 65535',
    ])
    assert.equal(of('node').state, 'ok')
    assert.equal(code, 1)
  })

  it('reports every service that does not answer, and shows no password', async () => {
    const { code, findings, of } = await examine({
      NODE_ENV: 'production',
      MANYDOORS_SECRET: env.MANYDOORS_SECRET,
      MANYDOORS_PUBLIC_URL: 'https://localhost:1',
      DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/auth',
      SMTP_URL: 'smtp://me:hunter2@127.0.0.1:1',
      MAIL_FROM: 'Example <auth@example.com>',
      SMS_URL: 'https://me:hunter2@127.0.0.1:1/send',
      SMS_ALLOWED_PREFIXES: '+47',
    })
    for (const check of ['database', 'mail', 'text messages', 'certificate']) {
      assert.equal(of(check).state, 'problem', check)
      assert.match(of(check).says, /ECONNREFUSED/, check)
    }
    assert.match(of('database').advice ?? '', /^see that PostgreSQL runs/)
    assert.match(of('mail').advice ?? '', /^see the host and port in SMTP_URL/)
    assert.equal(of('database TLS').state, 'ok')
    assert.equal(of('public address').state, 'problem')
    assert.equal(of('proxy').state, 'warning')
    assert.equal(of('hashing').state, 'ok')
    assert.doesNotMatch(JSON.stringify(findings), /hunter2/)
    assert.equal(code, 1)
  })

  it('advises on a database that refuses connections, by its reason', async () => {
    const nowhere = new URL(process.env.TEST_DATABASE_URL ?? '')
    nowhere.pathname = '/manydoors_nowhere'
    const wrong = new URL(process.env.TEST_DATABASE_URL ?? '')
    wrong.password = 'wrong'
    const reasons = {
      [nowhere.href]: /createdb/,
      [wrong.href]: /user name and password/,
      'postgres://me@127.0.0.1:1/auth': /PostgreSQL runs/,
      'postgres://me@manydoors.invalid/auth': /DNS/,
    }
    for (const [DATABASE_URL, advice] of Object.entries(reasons)) {
      const { state, advice: given } = (await examine({ ...env, DATABASE_URL })).of('database')
      assert.equal(state, 'problem')
      assert.match(String(given), advice)
    }
  })

  it('warns of a remote database without TLS, or with an unverified certificate', async () => {
    const found = async (query: string, more = {}) => {
      const DATABASE_URL = `postgres://me:hunter2@db.invalid/auth${query}`
      const { of } = await examine({ ...env, DATABASE_URL, ...more })
      // How long a name server takes to say that there is no such host is its own affair.
      assert.match(of('database').advice ?? '', /DNS|network/)
      return [of('database TLS').state, of('database TLS').says]
    }
    assert.deepEqual(await found(''), ['warning', 'db.invalid without TLS'])
    assert.deepEqual(await found('?sslmode=no-verify'), [
      'warning',
      'db.invalid over TLS, its certificate unverified',
    ])
    assert.deepEqual(await found('?sslmode=require'), ['ok', 'db.invalid over TLS'])
    assert.deepEqual(await found('', { PGSSLMODE: 'verify-full' }), ['ok', 'db.invalid over TLS'])
  })

  it('reports what SQLite says of an unreadable file, and no command line', async () => {
    const { of } = await examine({ ...env, DATABASE_URL: `sqlite:${env.MANYDOORS_DATA}` })
    assert.equal(of('integrity').state, 'problem')
    assert.equal(of('integrity').says, 'unable to open database file')
    assert.match(of('database').advice ?? '', /^run this as the user/)
  })

  it('measures hashing at the cost that is set', async () => {
    const file = join(env.MANYDOORS_DATA, 'settings.yaml')
    await writeFile(file, 'hashing: { memory: 7, passes: 5 }')
    const { of } = await examine(env, ['--config', file], { hashing: 'real' })
    const figures = '\\d+ ms with 7 MiB and 5 passes'
    const others =
      'takes no longer than 100 ms( is \\d+ ms with \\d+ MiB and [123] pass(es)?, \\d+ a second)?'
    assert.match(
      of('hashing').says,
      new RegExp(`^\\d+ passwords a second, which is how many people can sign in, ${figures}; .*${others}$`),
    )
  })

  it('detects files that others can read, and a damaged database', async () => {
    const withKeyFile = { ...env, MANYDOORS_SECRET: '' }
    const first = await startProgram(withKeyFile)
    await first.stop()
    const path = env.DATABASE_URL.slice('sqlite:'.length)
    const keyFile = join(env.MANYDOORS_DATA, 'master.key')
    for (const file of [path, keyFile]) await chmod(file, 0o644)
    const shielded = await examine(withKeyFile)
    assert.equal(shielded.of('key file').state, 'warning')

    await chmod(env.MANYDOORS_DATA, 0o755)
    const bytes = await readFile(path)
    for (let page = 2; page < bytes.length / 4096; page += 2)
      bytes.fill(0xa5, page * 4096, page * 4096 + 2000)
    await writeFile(path, bytes)
    const { of } = await examine(withKeyFile)
    assert.equal(of('data folder').advice, `chmod 700 ${env.MANYDOORS_DATA}`)
    assert.equal(of('key file').advice, `chmod 600 ${keyFile}`)
    for (const check of ['key file', 'database file', 'integrity'])
      assert.equal(of(check).state, 'problem', check)
  })
})

/** What a test cannot know of the machine that it runs on. */
const ofMachine = ['disk space', 'hashing', 'threads']

function namesOf(findings: { check: string }[]): string[] {
  return findings.map(({ check }) => check).sort()
}

type Environment = TestData['env'] & { MANYDOORS_SECRET: string; [name: string]: string }

/** Of a server on a database of its own. */
function useEnvironment(engine: Engine): Environment {
  const env = {} as Environment
  let data: TestData
  before(async () => {
    data = await createData(engine)
    Object.assign(env, { ...data.env, MANYDOORS_SECRET: randomBytes(32).toString('base64') })
  })
  after(() => data?.drop())
  return env
}
