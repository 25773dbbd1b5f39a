import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { runCommand } from '../../harness/command.ts'
import { execute, select } from '../../harness/database.ts'
import { minbil, type Person, type Target } from '../../harness/doors.ts'
import { eventually } from '../../harness/events.ts'
import { createData, freshEmail } from '../../harness/harness.ts'
import { type Ending, type Program, startProgram } from '../../harness/program.ts'
import { type Chain, openChainOf, turn } from './chains.ts'

describe('a backup of a server that is being used', () => {
  const place = usePlace()
  const earlyPeople: Person[] = []
  const chains: Chain[] = []
  let resting: Chain
  let ending: Ending

  before(async () => {
    await serving(place.env, async (program) => {
      for (let i = 0; i < 8; i++) earlyPeople.push(await signUp(program))
      for (const person of earlyPeople.slice(0, 3)) chains.push(await openChainOf(program, person))
      resting = await openChainOf(program, earlyPeople[3] as Person)
      const load = startLoad(program, chains)
      await eventually('some load', async () => load.turns() > 20 || undefined)
      ending = await runCommand({ env: place.env }, ['backup', place.file('copy.db'), '--json'])
      const turns = load.turns()
      await eventually('some load after it', async () => load.turns() > turns + 20 || undefined)
      await load.stop()
    })
  })

  it('succeeds, says what it holds and what it does not, and draws no bar into a pipe', async () => {
    assert.equal(ending.code, 0, ending.stderr)
    assert.equal(ending.stderr, '')
    const { file, bytes, accounts, masterKey } = JSON.parse(ending.stdout)
    assert.equal(file, place.file('copy.db'))
    assert.equal(bytes, (await stat(file)).size)
    assert.ok(accounts >= earlyPeople.length)
    assert.match(masterKey, /MANYDOORS_SECRET/)
  })

  it('is a single file of mode 0600', async () => {
    assert.equal((await stat(place.file('copy.db'))).mode & 0o777, 0o600)
    assert.deepEqual(
      (await readdir(place.folder)).filter((name) => name.startsWith('copy.db')),
      ['copy.db'],
    )
  })

  it('restores every account elsewhere, and revokes no session', async () => {
    const env = { ...place.env, ...freshDatabase(place.file('elsewhere')) }
    const restored = await runCommand({ env }, ['restore', place.file('copy.db')])
    assert.equal(restored.code, 0, restored.stderr)
    assert.equal(restored.stderr, '')
    await serving(env, async (program) => {
      for (const person of earlyPeople) minbil.tokensOf(await minbil.signIn(program, person))
      // Their tokens are newer than the backup.
      for (const chain of [...chains, resting]) {
        await turn(program, chain)
        await turn(program, chain)
      }
    })
    assert.deepEqual(await select(env.DATABASE_URL, thefts), [])
  })
})

describe('a restore in the place of a database', () => {
  const place = usePlace()
  const file = () => place.file('copy.db')
  let person: Person
  let late: Person
  let chain: Chain
  let atBackup: string
  let restored: Ending

  before(async () => {
    await serving(place.env, async (program) => {
      person = await signUp(program)
      chain = await openChainOf(program, person)
      atBackup = chain.refresh
      await program.request('POST', '/api/co/auth/forgot-password', { json: { email: person.email } })
      await program.mail(person.email, /password/i)
      assert.equal((await runCommand({ env: place.env }, ['backup', file()])).code, 0)
      late = await signUp(program)
      for (let i = 0; i < 5; i++) await turn(program, chain)
    })
    restored = await runCommand({ env: place.env }, ['restore', file(), '--json'])
  })

  it('keeps the replaced database intact', async () => {
    assert.equal(restored.code, 0, restored.stderr)
    const { replaced, accounts } = JSON.parse(restored.stdout)
    assert.equal(accounts, 1)
    assert.equal((await select(`sqlite:${replaced}`, 'select id from accounts')).length, 2)
    const emails = await select(place.env.DATABASE_URL, 'select email from accounts')
    assert.deepEqual(
      emails.map(({ email }) => email),
      [person.email],
    )
    assert.equal((await stat(place.database)).mode & 0o777, 0o600)
  })

  it('drops all one-time tokens', async () => {
    assert.deepEqual(await select(place.env.DATABASE_URL, 'select * from tickets'), [])
    const { replaced } = JSON.parse(restored.stdout)
    assert.notDeepEqual(await select(`sqlite:${replaced}`, 'select * from tickets'), [])
  })

  it('accepts tokens newer than the backup, and still detects refresh-token reuse', async () => {
    await serving(place.env, async (program) => {
      const newest = chain.refresh
      await turn(program, chain)
      await turn(program, chain)
      assert.deepEqual(await select(place.env.DATABASE_URL, thefts), [])
      assert.equal((await minbil.signIn(program, late)).status, 401)

      assert.equal((await minbil.refresh(program, atBackup)).status, 401)
      assert.equal((await select(place.env.DATABASE_URL, thefts)).length, 1)
      for (const token of [newest, chain.refresh])
        assert.equal((await minbil.refresh(program, token)).status, 401)
    })
  })

  it('can revoke all sessions', async () => {
    const { code, stdout } = await runCommand({ env: place.env }, ['restore', file(), '--end-sessions'])
    assert.equal(code, 0)
    assert.match(stdout, /^Sessions ended: 1$/m)
    await serving(place.env, async (program) => {
      assert.equal((await minbil.refresh(program, chain.refresh)).status, 401)
      minbil.tokensOf(await minbil.signIn(program, person))
    })
    assert.deepEqual(await select(place.env.DATABASE_URL, thefts), [])
  })
})

describe('a backup that cannot be', () => {
  const place = usePlace()

  it('does not create a missing database', async () => {
    assert.equal(
      await refusal(place.env, ['backup', place.file('x')]),
      `there is no database at ${place.database}`,
    )
    assert.equal(existsSync(place.database), false)
  })

  it('overwrites only with --force, and never the database', async () => {
    assert.equal((await runCommand({ env: place.env }, ['migrate'])).code, 0)
    const file = place.file('precious.txt')
    await writeFile(file, 'precious')
    assert.equal(await refusal(place.env, ['backup', file]), `${file} exists: --force replaces it`)
    assert.equal(await readFile(file, 'utf8'), 'precious')
    assert.equal(
      await refusal(place.env, ['backup', place.database, '--force']),
      `${place.database} is the database itself`,
    )
    assert.equal((await runCommand({ env: place.env }, ['backup', file, '--force'])).code, 0)
    assert.match((await readFile(file)).toString('latin1'), /^SQLite format 3\0/)
  })

  it('never overwrites files of the server, by whatever path', async () => {
    const data = place.env.MANYDOORS_DATA
    const secret = place.file('master-key')
    await writeFile(secret, place.env.MANYDOORS_SECRET)
    const settings = place.file('settings.yaml')
    await writeFile(settings, `smtp: { urlFile: ${place.file('smtp-url')} }`)
    await writeFile(place.file('smtp-url'), 'smtp://mail.example.com')
    const link = place.file('link')
    await symlink(data, link)
    const env = {
      ...place.env,
      MANYDOORS_SECRET: '',
      MANYDOORS_SECRET_FILE: secret,
      MANYDOORS_CONFIG: settings,
    }
    const own = {
      'the database itself': [join(link, basename(place.database))],
      'a part of the database': ['-wal', '-shm', '-journal', '-limits', '-limits-wal'].map(
        (ending) => `${place.database}${ending}`,
      ),
      'the master key': [join(data, 'master.key'), join(link, 'master.key')],
      'a secret that the settings name': [secret, place.file('smtp-url')],
      'the settings file': [settings],
    }
    for (const [what, files] of Object.entries(own))
      for (const file of files) {
        const before = existsSync(file) ? await readFile(file) : undefined
        assert.equal(await refusal(env, ['backup', '--force', file]), `${file} is ${what}`)
        assert.deepEqual(existsSync(file) ? await readFile(file) : undefined, before)
      }
  })

  it('reports a missing folder, and leaves nothing behind', async () => {
    const before = await readdir(place.folder)
    assert.match(await refusal(place.env, ['backup', place.file('nowhere/copy.db')]), /ENOENT/)
    assert.deepEqual(await readdir(place.folder), before)
  })

  it('names the tools of PostgreSQL, without the password', async () => {
    const env = { ...place.env, DATABASE_URL: 'postgres://me:hunter2@db.example.com/auth' }
    const [backup, restore] = [await refusal(env, ['backup', '/b']), await refusal(env, ['restore', '/b'])]
    assert.match(backup, /\n {2}pg_dump --format=custom .*'postgres:\/\/me@db\.example\.com\/auth'/)
    assert.match(
      restore,
      /\n {2}pg_restore .*--single-transaction .*'postgres:\/\/me@db\.example\.com\/auth'/,
    )
    assert.doesNotMatch(backup + restore, /hunter2/)
  })
})

describe('a restore that cannot be', () => {
  const place = usePlace()
  const good = () => place.file('good.db')
  const bad = () => place.file('bad.db')
  let person: Person

  before(async () => {
    await serving(place.env, async (program) => {
      person = await signUp(program)
    })
    assert.equal((await runCommand({ env: place.env }, ['backup', good()])).code, 0)
  })

  /** That it is refused with that reason, and the database is as it was. */
  async function assertRefused(reason: RegExp, env = place.env, file = bad()): Promise<void> {
    const before = await readFile(place.database)
    const names = (await readdir(place.folder)).sort()
    assert.match(await refusal(env, ['restore', file]), reason)
    assert.deepEqual(await readFile(place.database), before)
    assert.deepEqual((await readdir(place.folder)).sort(), names)
  }

  it('refuses a missing, empty or foreign file', async () => {
    await assertRefused(/^there is no /)
    await writeFile(bad(), '')
    await assertRefused(/bad\.db is empty$/)
    await writeFile(bad(), 'Dear Sir or Madam, '.repeat(1000))
    await assertRefused(/bad\.db is not a database of SQLite$/)
    await rm(bad())
    await execute(`sqlite:${bad()}`, 'create table recipes (id integer primary key, name text)')
    await assertRefused(/bad\.db is not a database of Manydoors: it has no table schema_changes$/)
  })

  it('refuses a damaged one', async () => {
    const bytes = await readFile(good())
    for (let page = 2; page < bytes.length / 4096; page += 3)
      bytes.fill(0xa5, page * 4096, page * 4096 + 2000)
    await writeFile(bad(), bytes)
    await assertRefused(/bad\.db is damaged/)
    await writeFile(bad(), (await readFile(good())).subarray(0, 40_000))
    await assertRefused(/bad\.db is damaged/)
    await assertRefused(/ is not a file$/, place.env, place.folder)
  })

  it('is reported in one line by every command', async () => {
    const damaged = place.file('damaged.db')
    await writeFile(damaged, (await readFile(good())).subarray(0, 40_000))
    const env = { ...place.env, DATABASE_URL: `sqlite:${damaged}` }
    const target = 'postgres://nobody@127.0.0.1:1/nothing'
    for (const args of [['backup', `${damaged}.copy`], ['move', '--to', target], ['audit'], ['migrate']]) {
      const text = await refusal(env, args)
      assert.match(text, /^[^\n]*(is damaged|is malformed)[^\n]*$/, args[0])
    }
  })

  it('refuses one of a newer release', async () => {
    await copyFile(good(), bad())
    await execute(`sqlite:${bad()}`, `insert into schema_changes values ('999-things-to-come', 1, 0)`)
    await assertRefused(/bad\.db is of a newer release than this one \(999-things-to-come\)$/)
  })

  it('refuses a backup that the master key cannot decrypt, or without a master key', async () => {
    const MANYDOORS_SECRET = randomBytes(32).toString('base64')
    const another = /good\.db was made under another master key than the one that is configured$/
    await assertRefused(another, { ...place.env, MANYDOORS_SECRET }, good())
    await assertRefused(/good\.db needs its master key/, { ...place.env, MANYDOORS_SECRET: '' }, good())
    assert.equal(existsSync(place.file('master.key')), false)
  })

  it('accepts a backup that a previous master key decrypts', async () => {
    const env = {
      ...place.env,
      ...freshDatabase(place.file('rotated')),
      MANYDOORS_SECRET: randomBytes(32).toString('base64'),
      MANYDOORS_SECRET_PREVIOUS: place.env.MANYDOORS_SECRET,
    }
    assert.equal((await runCommand({ env }, ['restore', good()])).code, 0)
  })

  it('refuses while a server runs, which keeps running', async () => {
    await serving(place.env, async (program) => {
      const reason = `${place.database} is in use: stop the server first`
      assert.equal(await refusal(place.env, ['restore', good()]), reason)
      minbil.tokensOf(await minbil.signIn(program, person))
      assert.deepEqual(
        (await readdir(place.folder)).filter((name) => /restoring|replaced/.test(name)),
        [],
      )
    })
  })

  it('replaces a damaged database, with its leftover WAL files', async () => {
    await writeFile(place.database, 'no database any more')
    await writeFile(`${place.database}-wal`, 'a stale log')
    const { code, stdout, stderr } = await runCommand({ env: place.env }, ['restore', good(), '--json'])
    assert.equal(code, 0, stderr)
    assert.equal(await readFile(JSON.parse(stdout).replaced, 'utf8'), 'no database any more')
    assert.equal(existsSync(`${place.database}-wal`), false)
    await serving(place.env, async (program) => {
      minbil.tokensOf(await minbil.signIn(program, person))
    })
  })

  it('passes the check that the tests rely on', () => {
    const database = new DatabaseSync(good(), { readOnly: true })
    assert.equal(database.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok')
    assert.equal(database.prepare('PRAGMA journal_mode').get()?.journal_mode, 'delete')
    database.close()
  })
})

const thefts = `select id from audit where event = 'session.reuse_detected'`

interface Place {
  folder: string
  /** The database's file. */
  database: string
  env: { MANYDOORS_DATA: string; DATABASE_URL: string; MANYDOORS_SECRET: string; [name: string]: string }
  file(name: string): string
}

/** A data folder on SQLite for a suite, and a master key. */
function usePlace(): Place {
  const place = {} as Place
  const dropping: (() => Promise<void>)[] = []
  before(async () => {
    const data = await createData('sqlite')
    dropping.push(data.drop)
    Object.assign(place, {
      folder: data.env.MANYDOORS_DATA,
      database: data.env.DATABASE_URL.slice('sqlite:'.length),
      env: {
        ...data.env,
        MANYDOORS_SECRET: randomBytes(32).toString('base64'),
        MANYDOORS_TRUSTED_PROXIES: '127.0.0.1',
      },
      file: (name: string) => join(data.env.MANYDOORS_DATA, name),
    })
  })
  after(async () => {
    for (const drop of dropping) await drop()
  })
  return place
}

function freshDatabase(folder: string): { MANYDOORS_DATA: string; DATABASE_URL: string } {
  return { MANYDOORS_DATA: folder, DATABASE_URL: `sqlite:${join(folder, 'manydoors.db')}` }
}

async function serving(
  env: Record<string, string>,
  work: (program: Program) => Promise<void>,
): Promise<void> {
  const program = await startProgram(env)
  try {
    await work(fromManyAddresses(program))
  } finally {
    await program.stop()
  }
}

let addresses = 0

/** Each request from an address of its own: limits count by address. */
function fromManyAddresses(program: Program): Program {
  return {
    ...program,
    request: (method, path, options) => {
      const address = `10.1.${++addresses >> 8}.${addresses & 255}`
      return program.request(method, path, { ...options, headers: { 'x-forwarded-for': address } })
    },
  }
}

async function signUp(target: Target): Promise<Person> {
  const person = { email: freshEmail(), password: '12345678' }
  const answer = await target.request('POST', '/api/co/auth/sign-up', { json: person })
  assert.equal(answer.status, 201, answer.text)
  return person
}

/** Refreshes on every chain, and sign-ups beside, until it is stopped. */
function startLoad(target: Target, chains: Chain[]) {
  let turns = 0
  let isOver = false
  const keepTurning = async (chain: Chain) => {
    while (!isOver) {
      await turn(target, chain)
      turns++
    }
  }
  const keepSigningUp = async () => {
    while (!isOver) await signUp(target)
  }
  const all = Promise.all([...chains.map(keepTurning), keepSigningUp()])
  all.catch(() => {})
  return {
    turns: () => turns,
    stop: async () => {
      isOver = true
      await all
    },
  }
}

/** What a command says that must fail: all of it, on standard error alone. */
async function refusal(env: Record<string, string>, args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand({ env }, args)
  assert.equal(code, 1, stderr)
  assert.equal(stdout, '')
  return stderr.trimEnd()
}
