import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { app } from '../../dialects/vastly/door.ts'
import { assertRefused, jsonOf, runCommand, valuesIn } from '../../harness/command.ts'
import { type Person, register } from '../../harness/doors.ts'
import { freshEmail, startTestServer, type TestServer, useServer } from '../../harness/harness.ts'
import type { Ending } from '../../harness/program.ts'
import { unendedSessions } from '../../harness/stored-sessions.ts'
import { sendJson, useFakeServer } from '../../upstream/fake-server.ts'
import { importPeople } from './people.ts'

const doors = ['credebl', 'gotrue', 'minbil', 'pm2', 'vastly', 'wolfpal']

/** What is set beside the address. */
const settings: Record<string, object> = { vastly: { clientId: app.id, origin: app.origin } }

/** The environment of a new server whose doors of those names have old servers there. */
async function environment(
  server: TestServer,
  switching: Record<string, Record<string, unknown>>,
): Promise<Pick<TestServer, 'env'>> {
  const dialects = Object.fromEntries(
    doors.map((door) => [door, switching[door] ? { switching: switching[door] } : {}]),
  )
  const path = join(server.env.MANYDOORS_DATA ?? '', `switching-${Object.keys(switching).join()}.yaml`)
  await writeFile(path, JSON.stringify({ realms: { main: { dialects } } }))
  return { env: { ...server.env, MANYDOORS_CONFIG: path } }
}

/** What must never be printed of a person. */
function assertSilentOf({ stdout, stderr }: Ending, { email, password }: Person): void {
  for (const secret of [email, password]) assert.ok(!`${stdout}${stderr}`.includes(secret), secret)
}

describe('switching check', () => {
  const old = useServer('sqlite')
  let person: Person
  before(async () => {
    person = await register(old, { email: freshEmail(), password: 'known only to the old one' })
  })

  async function check(
    server: TestServer,
    door: string,
    options: string[] = [],
    { email, password } = person,
  ) {
    const target = await environment(server, { [door]: { upstream: server.url, ...settings[door] } })
    return runCommand(target, ['switching', 'check', '--as', email, ...options], `${password}\n`)
  }

  for (const door of doors)
    it(`understands an old server of ${door}, and leaves no session there`, async () => {
      const ending = await check(old, door)
      assert.equal(ending.code, 0, ending.stderr + ending.stdout)
      assert.match(ending.stdout, /^ {2}the right password +right: id, email(,.* email is proven)? +\d+ ms$/m)
      assert.match(ending.stdout, /^ {2}a name that is unknown there +wrong +\d+ ms$/m)
      assert.match(ending.stdout, /^It is on this machine itself, so without TLS\.$/m)
      assert.match(ending.stdout, /^Sign-ins would work\.$/m)
      assertSilentOf(ending, person)
      assert.deepEqual(await unendedSessions(old.env.DATABASE_URL ?? '', person.email), [])
    })

  it('ends with 1 when the password is wrong, and asks no more', async () => {
    const wrong = { ...person, password: 'mistyped here' }
    const ending = await check(old, 'minbil', ['--json'], wrong)
    assert.equal(ending.code, 1)
    const [result] = valuesIn(ending.stdout)
    assert.deepEqual([result.works, result.findings], [false, ['right_called_wrong']])
    assert.deepEqual(
      result.asked.map(({ step, outcome }: Record<string, string>) => [step, outcome]),
      [['right', 'wrong']],
    )
    assertSilentOf(ending, wrong)
  })

  it('says what is here of the account, and ends with 1 where it is another one', async () => {
    const known = await check(old, 'minbil', ['--json'])
    const { asked, here } = valuesIn(known.stdout)[0]
    assert.deepEqual([known.code, here, asked[0].understood[0]], [0, 'own', 'id'])
    const next = await startTestServer('sqlite')
    try {
      const [target, { email, password }] = [
        await environment(next, { minbil: { upstream: old.url } }),
        person,
      ]
      const args = ['--json', 'switching', 'check', '--as', email]
      const told = async () => {
        const { code, stdout } = await runCommand(target, args, `${password}\n`)
        return [code, valuesIn(stdout)[0].here]
      }
      assert.deepEqual(await told(), [0, 'unknown'])
      await importPeople(next, [{ email, source: 'minbil', sourceId: 'another' }], ['--pending', 'minbil'])
      assert.deepEqual(await told(), [1, 'other_account'])
      await jsonOf(next, ['account', 'delete', email, '--yes'])
      const [{ id }] = await jsonOf(old, ['account', 'show', email])
      await importPeople(next, [{ email, source: 'minbil', sourceId: id }], ['--pending', 'minbil'])
      assert.deepEqual(await told(), [0, 'pending'])
    } finally {
      await next.close()
    }
  })

  it('says when sign-ins do not ask it whatever it says', async () => {
    const lines = async (more: object) => {
      const target = await environment(old, { minbil: { upstream: old.url, ...more } })
      const args = ['switching', 'check', '--as', person.email]
      return (await runCommand(target, args, `${person.password}\n`)).stdout
    }
    assert.match(await lines({ verify: 'off' }), /^`verify` is off, so sign-ins do not ask it yet\.$/m)
    assert.match(await lines({ until: '2020-01-01' }), /^`until` is over, so sign-ins do not ask it/m)
    assert.doesNotMatch(await lines({}), /verify|until/)
  })

  it('has to know which old server is meant, and a password', async () => {
    const { url: upstream } = old
    const [none, two] = [
      await environment(old, {}),
      await environment(old, { minbil: { upstream }, credebl: { upstream } }),
    ]
    const args = ['switching', 'check', '--as', person.email]
    await assertRefused(none, args, /^no door has an old server in the settings: dialects/, 'x\n')
    await assertRefused(
      two,
      args,
      /^say which one is meant: minbil of realm main, credebl of realm main\n$/,
      'x\n',
    )
    await assertRefused(two, [...args, 'pm2'], /^that door has no old server in the settings/, 'x\n')
    await assertRefused(two, [...args, 'minbil'], /^there is no password: pipe a line with it in\n$/)
  })
})

describe('switching check of an old server with limits', () => {
  const byAccount = useServer('sqlite', { limits: { 'sign-in-account-at-address': 3 } })
  const byAccountFirst = useServer('sqlite', {
    limits: { 'sign-in-account-at-address': 3, 'sign-in-address': 8 },
  })
  const together = useServer('sqlite', { limits: { 'sign-in-address': 3 } })
  const trusting = useServer('sqlite', {
    limits: { 'sign-in-address': 3 },
    env: { MANYDOORS_TRUSTED_PROXIES: '127.0.0.1' },
  })

  async function check(server: TestServer, options: string[] = []) {
    const { email, password } = await register(server, { email: freshEmail(), password: 'a-known-password' })
    const target = await environment(server, { minbil: { upstream: server.url } })
    return runCommand(target, ['switching', 'check', '--as', email, ...options], `${password}\n`)
  }

  it('leaves alone what counts wrong passwords of one account', async () => {
    const { code, stdout } = await check(byAccount)
    assert.equal(code, 0, stdout)
    assert.match(
      stdout,
      /^Its limit counts wrong passwords of one account, and leaves other accounts alone\.$/m,
    )
  })

  it('ends with 1 where all that this server asks is counted together, and says what it must be told', async () => {
    const { code, stdout } = await check(together)
    assert.equal(code, 1, stdout)
    assert.match(stdout, /has had enough \(429\), again in \d+ s/)
    assert.match(stdout, /^Its limit counts all that .* It has to trust X-Forwarded-For of this server, or/m)
    assert.match(stdout, /^Sign-ins would not work\.$/m)
  })

  it('finds a limit of all that this server asks behind that of the account, if it is to ask often enough', async () => {
    const { code, stdout } = await check(byAccountFirst, ['--wrong', '20'])
    assert.equal(code, 1, stdout)
    assert.match(stdout, /^ {2}a wrong password, 3 times +wrong/m)
    assert.match(stdout, /^Its limit counts all that /m)
  })

  it('finds nothing where the old server believes for whom it is asked', async () => {
    const { code, stdout } = await check(trusting)
    assert.equal(code, 0, stdout)
    assert.doesNotMatch(stdout, /limit/)
  })
})

describe('switching check of what is no such server', () => {
  const server = useServer('sqlite')
  const fake = useFakeServer()

  async function findings(): Promise<[number | null, string[], string]> {
    const target = await environment(server, { minbil: { upstream: fake.origin } })
    const args = ['--json', 'switching', 'check', '--as', 'ada@example.com']
    const { code, stdout, stderr } = await runCommand(target, args, 'typed-here-alone\n')
    assert.doesNotMatch(`${stdout}${stderr}`, /secret text|typed-here-alone/)
    const [result] = valuesIn(stdout)
    return [
      code,
      result.findings,
      result.asked.map(({ outcome, why }: { outcome: string; why?: string }) => why ?? outcome).join(' '),
    ]
  }

  it('shows nothing of answers that are not understood', async () => {
    fake.answer = (response) => response.writeHead(200).end('<html>secret text</html>')
    assert.deepEqual(await findings(), [1, ['right_not_understood'], 'unexpected'])
    fake.answer = (response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/secret text' }).end()
    assert.deepEqual(await findings(), [1, ['right_not_understood'], 'redirected'])
    fake.answer = (response) => response.writeHead(500).end('secret text')
    assert.deepEqual(await findings(), [1, ['right_not_understood'], 'server_error'])
    fake.answer = (response) => response.writeHead(429).end('secret text')
    assert.deepEqual(await findings(), [1, ['busy_at_once'], 'busy'])
  })

  it('is loud about one that takes every password', async () => {
    const user = { id: '7', email: 'ada@example.com' }
    fake.answer = (response) => sendJson(response, 200, { access_token: 'a', user })
    const [code, found] = await findings()
    assert.deepEqual([code, found], [1, ['wrong_called_right', 'unknown_called_right']])
  })

  it('says what it cannot be asked for', async () => {
    const user = { id: '7', email: 'ada@example.com' }
    fake.answer = (response, { body }) =>
      body.includes('typed-here-alone')
        ? sendJson(response, 200, { access_token: 'a', user })
        : sendJson(response, 400, { text: 'secret text' })
    const [code, found] = await findings()
    assert.deepEqual([code, found], [1, ['wrong_not_understood', 'unknown_not_understood']])
  })
})
