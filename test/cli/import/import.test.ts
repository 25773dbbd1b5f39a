import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { assertRefused, jsonOf, runCommand, valuesIn } from '../../harness/command.ts'
import { select } from '../../harness/database.ts'
import { freshEmail, useServer } from '../../harness/harness.ts'

/** bcrypt of `ada-likes-42-trains`. */
const hash = '$2b$10$MPZGTTn1NRxADQ/4JnC3zOG3jqjNrDIbQDBUuc44.5FfuR.i16GwO'
const password = 'ada-likes-42-trains'
/** As this server makes them: nobody hashes anew for it. */
const ownHash =
  '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$h1ul1hzBBglw6UdZcpn7DDURlLBira9s/Rf3a/AL4tM'

let made = 0

/** Somebody of another system whom no other test has. */
function stranger(more: object = {}): { sourceId: string; email: string } & Record<string, unknown> {
  return { source: 'acme', sourceId: `s${++made}`, email: freshEmail(), passwordHash: hash, ...more }
}

describe('import', () => {
  const server = useServer('sqlite', { hashing: 'real' })
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manydoors-import-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  async function fileOf(...lines: unknown[]): Promise<string> {
    const path = join(folder, `file-${++made}.ndjson`)
    await writeFile(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    return path
  }

  const run = (args: string[], input?: string) => runCommand(server, ['import', ...args], input)

  it('is a dry run until it is told to write, and says so', async () => {
    const person = stranger()
    const file = await fileOf(person)
    const dry = await run(['manydoors', file])
    assert.equal(dry.code, 0, dry.stderr)
    assert.match(dry.stdout, /^This was a dry run: nothing is written\./)
    assert.match(dry.stdout, /^created +1$/m)
    assert.equal((await jsonOf(server, ['account', 'list', '--email', person.email])).length, 0)
    const written = await run(['manydoors', file, '--commit'])
    assert.match(written.stdout, /^The import is done\. Its run is [\da-f-]{36}\.$/m)
    assert.equal((await jsonOf(server, ['account', 'list', '--email', person.email])).length, 1)
  })

  it('forecasts the first morning by what the hashes cost', async () => {
    const ours = stranger({ passwordHash: ownHash })
    const { stdout } = await run(['manydoors', await fileOf(stranger(), ours)])
    assert.match(stdout, /^ {2}1 +bcrypt 10 +53 ms a check$/m)
    assert.match(
      stdout,
      /^The first morning: with \d+ cores? about [\d.]+ first sign-ins a second, 5\.4 times as dear as later ones\. The dearest kind is bcrypt 10, 53 ms\.$/m,
    )
  })

  it('ends with 2 when entries were refused, and tells the first three places of each reason', async () => {
    const nameless = { source: 'acme', sourceId: 'x' }
    const [good, another] = [stranger(), stranger()]
    const file = await fileOf(good, nameless, nameless, nameless, nameless, another)
    const { code, stdout, stderr } = await run(['manydoors', file, '--commit'])
    assert.equal(code, 2, stderr)
    const name = file.split('/').at(-1)
    assert.match(stdout, new RegExp(`^ {2}4 +.+ \\(${name}:2, ${name}:3, ${name}:4\\)$`, 'm'))
    for (const { email } of [good, another])
      assert.equal((await jsonOf(server, ['account', 'list', '--email', email])).length, 1)
  })

  it('asks whether the format is the right one when nothing can be taken', async () => {
    const doubt = /are the files of this format\?/
    const empty = join(folder, 'empty.ndjson')
    await writeFile(empty, '[]')
    assert.match((await run(['manydoors', empty])).stdout, doubt)
    assert.match((await run(['firebase', await fileOf(stranger())])).stdout, doubt)
    assert.doesNotMatch((await run(['manydoors', await fileOf(stranger(), {})])).stdout, doubt)
  })

  it('shows no address, no hash and no secret on the screen, in the report, the log or the audit trail', async () => {
    const person = stranger({
      totp: [{ secret: 'JBSWY3DPEHPK3PXP', algorithm: 'SHA1', digits: 6, period: 30 }],
      recoveryCodes: ['cccc-dddd'],
      phone: '+1 000',
    })
    const double = { ...stranger(), email: person.email.toUpperCase() }
    const tooDear = stranger({ passwordHash: hash.replace('$10$', '$31$') })
    const report = join(folder, 'report.ndjson')
    const file = await fileOf(person, double, tooDear)
    const ending = await run(['manydoors', file, '--commit', '--report', report])
    const told = await readFile(report, 'utf8')
    const trail = await select(server.env.DATABASE_URL ?? '', 'select * from audit')
    const runs = await select(server.env.DATABASE_URL ?? '', 'select * from import_runs')
    const all = [ending.stdout, ending.stderr, told, JSON.stringify(trail), JSON.stringify(runs)].join('\n')
    for (const secret of [person.email, double.email, hash.slice(-31), 'JBSWY3DPEHPK3PXP', 'cccc-dddd'])
      assert.ok(!all.includes(secret), `${secret} is shown`)
    assert.match(told, /bcrypt of cost 31/)
  })

  it('writes a report that its owner alone may read, with a line for all that was not simply created', async () => {
    const person = stranger()
    const double = { ...stranger(), email: person.email }
    const report = join(folder, 'outcomes.ndjson')
    const file = await fileOf(person, double, stranger())
    await run(['manydoors', file, '--report', report])
    assert.equal((await stat(report)).mode & 0o777, 0o600)
    const lines = valuesIn(await readFile(report, 'utf8'))
    assert.equal(lines.length, 1)
    assert.equal(lines[0].line, 2)
    assert.equal(lines[0].what, 'skipped')
    assert.match(lines[0].reason, /\w/)
    await assertRefused(
      server,
      ['import', 'manydoors', file, '--commit', '--report', report],
      /exists: name a new file\n$/,
    )
    assert.equal((await jsonOf(server, ['account', 'list', '--email', person.email])).length, 0)
  })

  it('reads files that are packed with gzip', async () => {
    const person = stranger()
    const file = await fileOf(person)
    await writeFile(`${file}.gz`, gzipSync(await readFile(file)))
    const { code, stdout, stderr } = await run(['manydoors', `${file}.gz`, '--commit'])
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^created +1$/m)
  })

  it('refuses what it is not told well, before it reads or writes anything', async () => {
    const file = await fileOf(stranger())
    const refused = (args: string[], sentence: RegExp) => assertRefused(server, ['import', ...args], sentence)
    await refused(['supabaes', file], /^there is no format supabaes: supabase, .*manydoors\n$/)
    await refused(['manydoors', `${file}-lost`], /^there is no file .*-lost\n$/)
    await refused(['manydoors', folder], / is no file\n$/)
    await refused(['manydoors', file, file], /^two files are called /)
    await refused(['manydoors', file, '--pending', 'lost'], /^realm main has no door lost: minbil, /)
    await refused(['manydoors', file, '--resume'], /give --commit, too\n$/)
    await refused(['manydoors', file, '--commit', '--resume', 'lost'], /^there is no run lost\n$/)
    await refused(['manydoors', file, '--time-zone', 'Mars'], /It must be a time zone/)
    await refused(['manydoors', file, '--wrap', 'some'], /Allowed choices are fast, all, none/)
    await refused(['manydoors', file, '--secret', 'pepper'], /^manydoors has no use for a secret pepper\n$/)
    await refused(['devise', file, '--secret', 'pepper'], /^there is no pepper: set it in the environment/)
    await refused(['keycloak', file], /./)
    assert.equal(
      (await jsonOf(server, ['import', 'runs'])).filter(({ position }) => position === 0).length,
      0,
    )
  })

  it('takes a secret from the environment or from standard input, and never as an argument', async () => {
    const sample = join(import.meta.dirname, '..', '..', 'imports', 'samples', 'devise-users.csv')
    const args = ['import', 'devise', sample, '--source', 'piped', '--secret', 'pepper']
    const pepper = 'a-devise-pepper-of-the-app'
    const piped = await runCommand(server, [...args, '--commit'], `${pepper}\n`)
    assert.ok([0, 2].includes(piped.code ?? 1), piped.stderr)
    const known = join(folder, 'known.csv')
    await writeFile(known, `ada@example.com,${password}\n`)
    const { code, stdout } = await run(['verify', known])
    assert.deepEqual([code, stdout], [0, 'line 1: right\n'])
    await assertRefused(server, [...args, pepper], /^there is no file /)
  })

  it('marks accounts without a hash as those of the old server that --pending names', async () => {
    const person = stranger({ passwordHash: undefined })
    await run(['manydoors', await fileOf(person), '--pending', 'wolfpal', '--commit'])
    const statement = `select password_pending from accounts where email = '${person.email}'`
    const [row] = await select(server.env.DATABASE_URL ?? '', statement)
    assert.equal(row?.password_pending, 'wolfpal')
  })

  it('stops before a batch with a name that is taken, when it is to fail then, and keeps what came before', async () => {
    const taken = stranger()
    await run(['manydoors', await fileOf(taken), '--commit'])
    const [first, beside] = [stranger(), stranger()]
    const file = await fileOf(first, beside, { ...stranger(), email: taken.email })
    const args = ['manydoors', file, '--commit', '--on-conflict', 'fail', '--batch', '1']
    const { code, stdout, stderr } = await run(args)
    assert.deepEqual([code, stdout], [1, ''])
    assert.match(
      stderr,
      /:3: .*What came before it is kept in run [\da-f-]{36}: manydoors import undo removes it\.\n$/,
    )
    assert.ok(!stderr.includes(taken.email))
    assert.equal((await jsonOf(server, ['account', 'list', '--email', first.email])).length, 1)

    const other = await fileOf({ ...stranger(), email: taken.email })
    const again = await run(['manydoors', other, '--commit', '--on-conflict', 'fail'])
    assert.match(again.stderr, /:1: .* Nothing was written\.\n$/, 'it names the run of somebody else')
  })

  describe('convert', () => {
    it('writes the neutral form, which is imported like the files themselves', async () => {
      const sample = join(import.meta.dirname, '..', '..', 'imports', 'samples', 'keycloak-realm.json')
      const output = join(folder, 'converted.ndjson')
      const { code, stdout, stderr } = await runCommand({ env: {} }, [
        ...['import', 'convert', 'keycloak', sample],
        ...['--output', output, '--source', 'kc'],
      ])
      assert.ok([0, 2].includes(code ?? 1), stderr)
      assert.match(stdout, /holds \d+ accounts/)
      assert.equal((await stat(output)).mode & 0o777, 0o600)
      const records = valuesIn(await readFile(output, 'utf8'))
      assert.ok(records.every(({ source }) => source === 'kc'))
      const counts = async (args: string[]) => {
        const { created, skipped, secondFactors, passwords } = JSON.parse(
          (await runCommand(server, ['--json', 'import', ...args])).stdout,
        )
        const reasons = skipped.map(({ reason }: { reason: string }) => reason)
        return { created, secondFactors, passwords, reasons }
      }
      const direct = await counts(['keycloak', sample, '--source', 'kc'])
      const { reasons: _those, ...converted } = await counts(['manydoors', output])
      const { reasons: _these, ...expected } = direct
      assert.deepEqual(converted, expected)
    })

    it('leaves no file when the files cannot be read', async () => {
      const output = join(folder, 'unreadable.ndjson')
      const file = await fileOf('text')
      const args = ['import', 'convert', 'keycloak', file, '--output', output]
      await assertRefused({ env: {} }, args, /./)
      assert.ok(!existsSync(output))
    })
  })

  describe('verify', () => {
    it('says of each line what it is, repeats nothing, and leaves the hash as it was imported', async () => {
      const [person, disabled, none] = [
        stranger(),
        stranger({ disabled: true }),
        stranger({ passwordHash: undefined }),
      ]
      await run(['manydoors', await fileOf(person, disabled, none), '--commit'])
      const known = join(folder, 'many.csv')
      const rows = [
        'email,password',
        `${person.email.toUpperCase()},${password}`,
        `${person.email},"wrong, with ""quotes"""`,
        `${disabled.email},${password}`,
        `${none.email},${password}`,
        `nobody@example.com,${password}`,
      ]
      await writeFile(known, `${rows.join('\n')}\n`)
      const { code, stdout, stderr } = await run(['verify', known])
      assert.equal(code, 1)
      assert.deepEqual(stdout.trimEnd().split('\n'), [
        'line 2: right',
        'line 3: wrong',
        'line 4: right, but the account is disabled',
        'line 5: wrong: the account has no password',
        'line 6: unknown: there is no such account',
      ])
      assert.ok(!`${stdout}${stderr}`.includes(password))
      const statement = `select password_hash, last_sign_in_at from accounts where email = '${person.email}'`
      const [row] = await select(server.env.DATABASE_URL ?? '', statement)
      assert.deepEqual({ ...row }, { password_hash: hash, last_sign_in_at: null })
    })

    it('says in a line that there is no such file, or that it cannot be read', async () => {
      const lost = join(folder, 'lost.csv')
      await assertRefused(server, ['import', 'verify', lost], /^ENOENT: no such file[^\n]*lost\.csv'\n$/)
      await assertRefused(server, ['import', 'verify', folder], /^EISDIR: [^\n]*\n$/)
    })

    it('refuses what has not two fields, without repeating it', async () => {
      const known = join(folder, 'broken.csv')
      await writeFile(known, `ada@example.com,a,secret word\n`)
      await assertRefused(server, ['import', 'verify', known], /^line 1 has not two fields/)
      await writeFile(known, `"ada@example.com" x,secret word\n`)
      const { code, stderr } = await run(['verify', known])
      assert.equal(code, 1)
      assert.ok(!stderr.includes('secret'), stderr)
    })
  })

  it('undo removes what a run has created and nobody has used, and nothing else', async () => {
    const [used, unused] = [stranger(), stranger()]
    const file = await fileOf(used, unused)
    const [{ runId }] = await jsonOf(server, ['import', 'manydoors', file, '--commit'])
    const json = { email: used.email, password }
    assert.equal((await server.request('POST', '/api/co/auth/sign-in', { json })).status, 200)
    await assertRefused(server, ['import', 'undo', runId], /nothing was removed\n$/, 'no\n')
    const [{ removed, kept }] = await jsonOf(server, ['import', 'undo', runId, '--yes'])
    assert.equal(removed, 1)
    assert.equal(kept.length, 1)
    assert.equal((await jsonOf(server, ['account', 'list', '--email', used.email])).length, 1)
    assert.equal((await jsonOf(server, ['account', 'list', '--email', unused.email])).length, 0)
    const run = (await jsonOf(server, ['import', 'runs'])).find(({ id }) => id === runId)
    assert.equal(run.state, 'undone')
    await assertRefused(server, ['import', 'undo', 'lost', '--yes'], /^realm main has no run lost/)
  })
})
