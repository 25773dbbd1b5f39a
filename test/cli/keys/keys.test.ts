import assert from 'node:assert/strict'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { runCommand } from '../../harness/command.ts'
import { execute, select } from '../../harness/database.ts'
import { createData, onEveryEngine, type TestData } from '../../harness/harness.ts'
import { type Ending, startProgram } from '../../harness/program.ts'

const day = 86_400_000

onEveryEngine('the command keys', (engine) => {
  const data = {} as TestData
  before(async () => {
    Object.assign(data, await createData(engine))
    const program = await startProgram(data.env)
    // With the start come the keys of ES256, those of RS256 with the first use of OpenID Connect.
    assert.equal((await fetch(`${program.url}/.well-known/openid-configuration`)).status, 200)
    await program.stop()
  })
  after(() => data.drop?.())

  const keys = (...args: string[]): Promise<Ending> => runCommand({ env: data.env }, ['keys', ...args])
  const keysJson = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCommand({ env: data.env }, ['--json', 'keys', ...args])
    assert.deepEqual([code, stderr], [0, ''])
    return JSON.parse(stdout)
  }
  const stored = (columns: string) =>
    select(data.env.DATABASE_URL, `select ${columns} from signing_keys order by sequence`)
  const makeOlder = () =>
    execute(data.env.DATABASE_URL, `update signing_keys set created_at = created_at - ${day}`)

  it('lists the signing keys and what depends on the master key', async () => {
    const { realms, masterKeys } = await keysJson('list')
    const [{ realm, signingKeys }] = realms
    assert.equal(realm, 'main')
    assert.deepEqual(
      signingKeys.map(({ algorithm, state, activatedAt, retiredAt }: Record<string, unknown>) => [
        algorithm,
        state,
        typeof activatedAt,
        retiredAt,
      ]),
      [
        ['ES256', 'current', 'number', null],
        ['ES256', 'next', 'object', null],
        ['RS256', 'current', 'number', null],
        ['RS256', 'next', 'object', null],
      ],
    )
    const [{ id, ...use }] = masterKeys
    assert.match(id, /^[0-9a-f]{12}$/)
    assert.deepEqual(use, {
      role: 'primary',
      signingKeys: 4,
      authenticators: 0,
      hashSecrets: 0,
      lastingKeys: 0,
      openidArtifacts: 0,
      webhookSecrets: 0,
      sessions: 0,
      sessionsEndAt: null,
      recoveryCodes: 0,
      isRemovable: false,
    })

    const { code, stdout } = await keys('list', '--realm', 'main')
    assert.equal(code, 0)
    for (const key of signingKeys)
      assert.match(stdout, new RegExp(`^ {2}${key.id} +${key.algorithm} +${key.state} +2\\d{3}-`, 'm'))
    assert.match(stdout, new RegExp(`^ {2}${id} +primary +4 +0 +0 +0 +0 +0 +0$`, 'm'))
  })

  it('names the realms for an unknown one', async () => {
    for (const action of ['list', 'rotate']) {
      const { code, stdout, stderr } = await keys(action, '--realm', 'nowhere')
      assert.deepEqual([code, stdout, stderr], [1, '', 'there is no realm nowhere: main\n'])
    }
  })

  it('refuses to rotate to a key that has been published for less than a day', async () => {
    const before = await stored('id, activated_at')
    const { code, stdout, stderr } = await keys('rotate')
    assert.deepEqual([code, stdout], [1, ''])
    assert.match(
      stderr,
      /^the next ES256 key of realm main .* is ready at \d{4}-.*Z; --force does not wait for that\n$/,
    )
    assert.deepEqual(await stored('id, activated_at'), before)
  })

  it('rotates to a key that is a day old, and to a younger one with --force', async () => {
    await makeOlder()
    const [first, second, , fourth] = await stored('id')
    assert.deepEqual(await keysJson('rotate'), {
      rotated: [
        { realm: 'main', key: second?.id, algorithm: 'ES256' },
        { realm: 'main', key: fourth?.id, algorithm: 'RS256' },
      ],
      replaced: false,
    })
    const { realms } = await keysJson('list')
    for (const wanted of ['ES256', 'RS256'])
      assert.deepEqual(
        realms[0].signingKeys
          .filter(({ algorithm }: { algorithm: string }) => algorithm === wanted)
          .map(({ state }: { state: string }) => state),
        ['previous', 'current', 'next'],
      )
    const [, , , , fifth, sixth] = await stored('id')
    const { code, stdout } = await keys('rotate', '--realm', 'main', '--force')
    assert.equal(code, 0)
    assert.match(stdout, new RegExp(`^${fifth?.id} \\(ES256\\) signs in realm main from now on\\.$`, 'm'))
    assert.match(stdout, new RegExp(`^${sixth?.id} \\(RS256\\) signs in realm main from now on\\.$`, 'm'))
    const [kept] = await stored('id, retired_at')
    assert.deepEqual({ ...kept }, { id: first?.id, retired_at: null })
  })

  it('rotates once for each success that concurrent calls report', async () => {
    const before = (await stored('id')).length
    const endings = await Promise.all(Array.from({ length: 3 }, () => keys('rotate', '--force')))
    const rotations = endings.filter(({ code }) => code === 0).length
    for (const { code, stderr } of endings)
      assert.equal(stderr, code === 0 ? '' : 'somebody else has just rotated the keys of realm main\n')
    assert.ok(rotations >= 1)
    const rows = await stored('activated_at')
    assert.equal(rows.length, before + 2 * rotations)
    assert.equal(rows.filter((row) => row.activated_at === null).length, 2)
  })

  it('leaves one current and one next key of each algorithm after concurrent rotations', async () => {
    await Promise.all(['--force', '--leaked', '--force', '--leaked'].map((how) => keys('rotate', how)))
    const { realms } = await keysJson('list')
    const found = realms[0].signingKeys
      .filter(({ state }: { state: string }) => ['current', 'next'].includes(state))
      .map(({ algorithm, state }: Record<string, string>) => `${algorithm} ${state}`)
    assert.deepEqual(found.sort(), ['ES256 current', 'ES256 next', 'RS256 current', 'RS256 next'])
  })

  it('retires all keys with --leaked, and says so', async () => {
    const leaked = (await stored('id')).map(({ id }) => id)
    await execute(data.env.DATABASE_URL, 'delete from audit')
    const { code, stdout } = await keys('rotate', '--leaked')
    assert.equal(code, 0)
    assert.match(stdout, /^All keys before it are retired: .* within 30 seconds\.$/m)
    const rows = await stored('id, retired_at, private_sealed')
    for (const { id, retired_at, private_sealed } of rows) {
      const isLeaked = leaked.includes(id)
      assert.deepEqual([retired_at !== null, private_sealed === ''], [isLeaked, isLeaked])
    }
    assert.equal(rows.length, leaked.length + 4)
    const events = await select(
      data.env.DATABASE_URL,
      `select event, actor from audit where event = 'keys.replaced'`,
    )
    assert.deepEqual(
      events.map((row) => ({ ...row })),
      [{ event: 'keys.replaced', actor: 'cli' }],
    )
  })
})

describe('the master key that development makes', () => {
  const data = {} as TestData
  before(async () => {
    Object.assign(data, await createData('sqlite'))
  })
  after(() => data.drop?.())

  it('is made once by concurrent starts, and read whole by each', async () => {
    const programs = await Promise.all(Array.from({ length: 4 }, () => startProgram(data.env)))
    for (const program of programs) assert.equal((await program.stop()).code, 0)
    const { code, stdout } = await runCommand({ env: data.env }, ['--json', 'keys', 'list'])
    assert.equal(code, 0)
    const roles = JSON.parse(stdout).masterKeys.map(({ role }: { role: string }) => role)
    assert.deepEqual(roles, ['primary'])
    const folder = data.env.MANYDOORS_DATA
    const path = join(folder, 'master.key')
    assert.equal(Buffer.from(await readFile(path, 'utf8'), 'base64').length, 32)
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    const files = (await readdir(folder)).filter((name) => name.startsWith('master.key'))
    assert.deepEqual(files, ['master.key'])
  })
})
