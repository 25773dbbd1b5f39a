import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { authenticator } from '../../../src/core/sign-in/authenticator.ts'
import { beginLogin, send } from '../../dialects/pm2/door.ts'
import { assertRefused, jsonOf, runCommand, valuesIn } from '../../harness/command.ts'
import { minbil, type Person, register } from '../../harness/doors.ts'
import { onEveryEngine, startTestServer, type TestServer } from '../../harness/harness.ts'
import { argumentsOf, peopleOf, samples } from './samples.ts'

/** Samples whose people have names of their own: hashes that need a secret, wrapped ones, and second factors. */
const imported = ['devise-users.csv', 'wordpress-wp_users.csv', 'manydoors-import.ndjson']

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

    const records = valuesIn(text)
    minbil.tokensOf(await minbil.signIn(fresh, person))
    const known = imported.flatMap(peopleOf).filter(({ isDisabled }) => !isDisabled)
    for (const { identifier, password } of known) {
      const record = records.find(({ email, username }) => [email, username].includes(identifier))
      if (!record) continue
      const [totp] = record.totp ?? []
      const timestamp = fresh.clock.now()
      const otp = totp && authenticator(totp.secret, '', '').generate({ timestamp })
      const cookie = await beginLogin(fresh)
      const form = { username: identifier, password, ...(otp && { otp }) }
      const answer = await send(fresh, 'POST', '/login', { form, headers: { cookie } })
      assert.equal(answer.status, 200, `${identifier}: ${answer.text}`)
    }
  })

  it('holds a secret that hashes need, and tells how many recovery codes stay behind', async () => {
    const { stdout, stderr } = await runCommand(old, ['account', 'export', '--all'])
    const records = valuesIn(stdout)
    const peppered = records.filter(({ password }) => password?.kind === 'manydoors')
    assert.ok(peppered.length > 0)
    for (const { password } of peppered)
      assert.equal(Buffer.from(password.secret, 'base64').toString(), 'a-devise-pepper-of-the-app')
    assert.ok(records.some(({ passwordHash }) => passwordHash?.startsWith('$md-wrapped$')))
    assert.match(stderr, /^\d+ accounts, with their hashes/)
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
