import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { authenticator } from '../../../src/core/sign-in/authenticator.ts'
import { beginLogin, send } from '../../dialects/pm2/door.ts'
import { assertRefused, jsonOf, runCommand, valuesIn } from '../../harness/command.ts'
import { minbil, type Person, register } from '../../harness/doors.ts'
import { onEveryEngine, startTestServer, type TestServer } from '../../harness/harness.ts'
import { argumentsOf, samples } from './samples.ts'

/** Of hashes that need a secret, and of wrapped ones; each has people whom no other one has. */
const imported = ['devise-users.csv', 'wordpress-wp_users.csv']

/** Somebody with all that an account can have, whose password is that of the sample's Ada. */
const everything = {
  source: 'acme',
  sourceId: 'everything',
  id: 'acme:everything',
  email: 'everything@example.com',
  username: 'everything',
  passwordHash: '$2b$10$MPZGTTn1NRxADQ/4JnC3zOG3jqjNrDIbQDBUuc44.5FfuR.i16GwO',
  createdAt: '2024-03-01T08:15:30.123Z',
  lastSignInAt: '2024-04-01T08:15:30.123Z',
  invitedAt: '2024-02-01T08:15:30.123Z',
  profile: { name: 'Ada "Ääda" Lind' },
  attributes: { roles: ['admin'] },
  totp: [
    { secret: 'JBSWY3DPEHPK3PXP', algorithm: 'SHA1', digits: 6, period: 30, name: 'phone' },
    { secret: 'KRSXG5CTMVRXEZLU', algorithm: 'SHA1', digits: 6, period: 30, name: 'Jörg’s laptop' },
    { secret: 'GEZDGNBVGY3TQOJQ', algorithm: 'SHA1', digits: 6, period: 30 },
  ],
  recoveryCodes: ['aaaa-bbbb'],
  identities: [{ provider: 'google', subject: '1|2' }],
}

onEveryEngine('an export of all accounts', (engine) => {
  let folder = ''
  let old: TestServer
  let fresh: TestServer
  let person: Person

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manydoors-export-'))
    old = await startTestServer(engine, { hashing: 'real' })
    fresh = await startTestServer(engine, { hashing: 'real' })
    person = await register(old)
    for (const name of imported) {
      const sample = samples[name] ?? assert.fail(name)
      const target = { ...old, env: { ...old.env, ...sample.env } }
      const { code, stderr } = await runCommand(target, [...argumentsOf(sample), '--commit'])
      assert.ok(code === 0 || code === 2, stderr)
    }
    const file = join(folder, 'everything.ndjson')
    await writeFile(file, JSON.stringify(everything))
    await jsonOf(old, ['import', 'manydoors', file, '--commit'])
  })
  after(async () => {
    await old.close()
    await fresh.close()
    await rm(folder, { recursive: true, force: true })
  })

  async function exportTo(server: TestServer, name: string): Promise<string> {
    const output = join(folder, name)
    const { code, stderr, stdout } = await runCommand(server, [
      'account',
      'export',
      '--all',
      '--output',
      output,
    ])
    assert.deepEqual([code, stdout], [0, ''], stderr)
    return output
  }

  it('lets everybody in at an empty server, and the export of that one is the same', async () => {
    const first = await exportTo(old, 'first.ndjson')
    assert.equal((await stat(first)).mode & 0o777, 0o600)
    const { code, stderr, stdout } = await runCommand(fresh, ['import', 'manydoors', first, '--commit'])
    assert.equal(code, 0, `${stderr}${stdout}`)
    const second = await exportTo(fresh, 'second.ndjson')
    const text = await readFile(first, 'utf8')
    assert.equal(await readFile(second, 'utf8'), text)

    minbil.tokensOf(await minbil.signIn(fresh, person))
    const people: [identifier: string, password: string, secret?: string][] = [
      ['ada@example.com', 'ada-likes-42-trains', 'JBSWY3DPEHPK3PXP'],
      ['bjorn.ask@example.com', 'Grüße, Björn!'],
      ['chidi', 'chidi quiet river'],
      ...everything.totp.map(({ secret }): [string, string, string] => [
        'everything',
        'ada-likes-42-trains',
        secret,
      ]),
    ]
    for (const [username, password, secret] of people) {
      const otp = secret && authenticator(secret, '', '').generate({ timestamp: fresh.clock.now() })
      const cookie = await beginLogin(fresh)
      const form = { username, password, ...(otp && { otp }) }
      const answer = await send(fresh, 'POST', '/login', { form, headers: { cookie } })
      assert.equal(answer.status, 200, `${username}: ${answer.text}`)
    }
  })

  it('has all that was brought along', async () => {
    const { stdout } = await runCommand(old, ['account', 'export', '--all'])
    const { recoveryCodes: _stay, ...expected } = everything
    const found = valuesIn(stdout).find(({ id }) => id === everything.id)
    assert.deepEqual(found, { ...expected, emailVerified: false })
  })

  it('holds a secret that hashes need, and tells how many recovery codes stay behind', async () => {
    const { stdout, stderr } = await runCommand(old, ['account', 'export', '--all'])
    const records = valuesIn(stdout)
    const peppered = records.filter(({ password }) => password?.kind === 'manydoors')
    assert.ok(peppered.length > 0)
    for (const { password } of peppered)
      assert.equal(Buffer.from(password.secret, 'base64').toString(), 'a-devise-pepper-of-the-app')
    assert.ok(records.some(({ passwordHash }) => passwordHash?.startsWith('$md-wrapped$')))
    assert.match(stderr, /^\d+ accounts, with their hashes/m)
    assert.match(stderr, /^1 recovery codes stay behind/m)
  })

  it('is in the audit trail, and is refused over another file, and for one account as well', async () => {
    const events = await jsonOf(old, ['audit', '--event', 'accounts.exported'])
    assert.ok(events.length > 0)
    assert.equal(events[0].actor, 'cli')
    const output = join(folder, 'first.ndjson')
    const before = await readFile(output, 'utf8')
    await assertRefused(old, ['account', 'export', '--all', '--output', output], /exists: name a new file\n$/)
    assert.equal(await readFile(output, 'utf8'), before)
    await assertRefused(old, ['account', 'export', '--all', person.email], /^name an account, or give --all/)
    await assertRefused(old, ['account', 'export', '--output', output], /^name an account, or give --all/)
  })
})
