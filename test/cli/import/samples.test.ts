import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { authenticator } from '../../../src/core/sign-in/authenticator.ts'
import { beginLogin, send } from '../../dialects/pm2/door.ts'
import { post } from '../../dialects/vastly/door.ts'
import { jsonOf, runCommand, valuesIn } from '../../harness/command.ts'
import { select } from '../../harness/database.ts'
import { startTestServer, type TestServer } from '../../harness/harness.ts'
import { argumentsOf, peopleOf, type SamplePerson, samples } from './samples.ts'

const tables = ['accounts', 'totp', 'recovery_codes', 'legacy_links', 'import_runs', 'hash_secrets', 'audit']

/** How many rows each table has that an import writes to. */
async function countsOf(server: TestServer): Promise<Record<string, unknown>> {
  const counts: Record<string, unknown> = {}
  for (const table of tables) {
    const [row] = await select(server.env.DATABASE_URL ?? '', `select count(*) as n from ${table}`)
    counts[table] = Number(row?.n)
  }
  return counts
}

/**
 * Signs in at pm2's door, which takes user names and e-mail addresses, with the code of an authenticator where there is one;
 * with a phone number at vastly's.
 */
async function signIn(server: TestServer, person: SamplePerson, otp?: string): Promise<number> {
  if (person.identifier.startsWith('+')) {
    const json = { mobile: person.identifier, password: person.password }
    return (await post(server, '/login', { json })).status
  }
  const cookie = await beginLogin(server)
  const form = { username: person.identifier, password: person.password, ...(otp && { otp }) }
  return (await send(server, 'POST', '/login', { form, headers: { cookie } })).status
}

/** By e-mail address, user name and phone number: the authenticator's secret of who has one. */
async function secretsOf(server: TestServer): Promise<Map<string, string>> {
  const { stdout, code, stderr } = await runCommand(server, ['account', 'export', '--all'])
  assert.equal(code, 0, stderr)
  return new Map(
    valuesIn(stdout).flatMap(({ email, username, phone, totp }) =>
      totp ? [email, username, phone].filter(Boolean).map((name) => [name, totp[0].secret]) : [],
    ),
  )
}

describe('an import from the command line', () => {
  for (const [name, sample] of Object.entries(samples))
    it(`of ${name} lets everybody in whose password is known, and nobody who was shut out`, async (t) => {
      const server = await startTestServer('sqlite', { hashing: 'real' })
      t.after(() => server.close())
      const target = { ...server, env: { ...server.env, ...sample.env } }
      const args = argumentsOf(sample)

      const before = await countsOf(server)
      const dry = await runCommand(target, ['--json', ...args])
      assert.deepEqual(await countsOf(server), before, 'a dry run writes')
      const written = await runCommand(target, ['--json', ...args, '--commit'])
      assert.ok([0, 2].includes(written.code ?? 1), written.stderr)
      assert.equal(dry.code, written.code, dry.stderr)
      const { runId, ...report } = JSON.parse(written.stdout)
      assert.deepEqual({ ...JSON.parse(dry.stdout), isDryRun: false }, report)
      assert.equal(typeof runId, 'string')

      const after = await countsOf(server)
      const again = await runCommand(target, ['--json', ...args, '--commit'])
      assert.equal(JSON.parse(again.stdout).created, 0, 'an account is created twice')
      assert.equal((await countsOf(server)).accounts, after.accounts)

      const secrets = await secretsOf(server)
      const people = peopleOf(name)
      for (const person of people) {
        const secret = secrets.get(person.identifier.toLowerCase()) ?? secrets.get(person.identifier)
        const otp = secret && authenticator(secret, '', '').generate({ timestamp: server.clock.now() })
        const who = `${person.identifier} of ${name}`
        // Each takes as long as the right one.
        if (person === people[0])
          assert.equal(await signIn(server, { ...person, password: `${person.password}!` }, otp), 401, who)
        assert.equal(await signIn(server, person, otp), person.isDisabled ? 401 : 200, who)
      }
      const foreign = await select(
        server.env.DATABASE_URL ?? '',
        `select id from accounts where last_sign_in_at > ${server.clock.now() - 600_000}
          and (password_kind is not null or password_hash not like '$argon2id$%')`,
      )
      assert.deepEqual(foreign, [], 'a hash that was used is still the old one')
    })

  it('of the formats says what each is', async () => {
    const [formats] = await jsonOf({ env: {} }, ['import', 'formats'])
    assert.ok(formats.length >= 16)
  })
})
