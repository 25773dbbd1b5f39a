import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { assertRefused, jsonOf, runCommand } from '../harness/command.ts'
import { execute, select, tableNames } from '../harness/database.ts'
import { createData, freshEmail, type TestData, useServer } from '../harness/harness.ts'
import { newMasterKey } from '../harness/master-keys.ts'
import { program } from '../harness/program.ts'

const readers = [
  ['account', 'list'],
  ['account', 'show', 'a@example.com'],
  ['account', 'sessions', 'a@example.com'],
  ['account', 'export', 'a@example.com'],
  ['audit'],
  ['client', 'list'],
  ['keys', 'list'],
]
const writers = [
  ['account', 'create', '--email', 'a@example.com', '--generate'],
  ['account', 'disable', 'a@example.com'],
  ['account', 'sessions', 'a@example.com', '--end-all'],
  ['client', 'add', 'vastly'],
  ['keys', 'rotate'],
]

describe('a command where there is no database', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manydoors-empty-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  for (const args of [...readers, ...writers])
    it(`makes none and reports it: ${args.join(' ')}`, async () => {
      const env = { MANYDOORS_DATA: join(folder, 'data') }
      const { code, stdout, stderr } = await runCommand({ env }, args)
      const path = join(folder, 'data', 'manydoors.db')
      assert.deepEqual([code, stdout, stderr], [1, '', `there is no database at ${path}\n`])
      assert.deepEqual(await readdir(folder), [])
    })

  it('reports the missing argument of `backup`', async () => {
    const { code, stdout, stderr } = await runCommand({ env: { MANYDOORS_DATA: folder } }, ['backup'])
    assert.deepEqual([code, stdout], [1, ''])
    assert.equal(stderr, 'name the file that the copy goes to: manydoors backup FILE\n')
    const DATABASE_URL = 'postgres://me:hunter2@db.example/auth?sslmode=no-verify'
    const other = await runCommand({ env: { DATABASE_URL } }, ['backup'])
    assert.match(other.stderr, /pg_dump .*'postgres:\/\/me@db\.example\/auth\?sslmode=require'/)
    assert.doesNotMatch(other.stderr, /hunter2/)
  })
})

describe('a command that only reads a database', () => {
  const places: TestData[] = []
  after(async () => {
    for (const { drop } of places) await drop()
  })
  const place = async (engine: 'sqlite' | 'postgres') => {
    const data = await createData(engine)
    places.push(data)
    return data
  }

  it('makes no tables in one that has none', async () => {
    const { env } = await place('postgres')
    for (const args of readers) {
      const { code, stderr } = await runCommand({ env: { ...env, MANYDOORS_SECRET: newMasterKey() } }, args)
      assert.equal(code, 1)
      assert.match(stderr, /^the database has no tables of Manydoors: `manydoors migrate`/)
    }
    assert.deepEqual(await tableNames(env.DATABASE_URL), [])
  })

  it('makes no keys and no counts where no server has been', async () => {
    const { env } = await place('sqlite')
    const given = { ...env, MANYDOORS_SECRET: newMasterKey(), MANYDOORS_SECRET_PREVIOUS: newMasterKey() }
    await jsonOf({ env: given }, ['migrate'])
    const [{ realms }] = await jsonOf({ env: given }, ['keys', 'list'])
    assert.deepEqual(realms, [{ realm: 'main', signingKeys: [] }])
    assert.deepEqual(await jsonOf({ env: given }, ['account', 'list']), [])
    for (const table of ['signing_keys', 'retained_keys'])
      assert.deepEqual(await select(env.DATABASE_URL, `select * from ${table}`), [], table)
  })

  it('hashes no password, and neither does one that changes something', async () => {
    const { env } = await place('sqlite')
    const given = { ...env, MANYDOORS_SECRET: newMasterKey() }
    await jsonOf({ env: given }, ['migrate'])
    const refuse = () => assert.fail('a password is hashed')
    const target = { env: given, argon2: { hash: refuse, verify: refuse } }
    for (const args of [...readers, ['client', 'add', 'vastly'], ['keys', 'reseal']]) {
      const { code, stderr } = await runCommand(target, args)
      const isUnknown = args.includes('a@example.com')
      assert.deepEqual([code, /has no account/.test(stderr)], [isUnknown ? 1 : 0, isUnknown], stderr)
    }
  })

  it('changes no tables of an older release', async () => {
    const { env } = await place('sqlite')
    const given = { ...env, MANYDOORS_SECRET: newMasterKey() }
    await jsonOf({ env: given }, ['migrate'])
    await execute(env.DATABASE_URL, `update schema_changes set name = '000-before' where name = '001-core'`)
    const changes = () => select(env.DATABASE_URL, 'select name from schema_changes')
    const before = await changes()
    for (const args of readers)
      await assertRefused({ env: given }, args, /^the database is of an older release: `manydoors migrate`/)
    assert.deepEqual(await changes(), before)
  })

  it('makes no new master key where that is missing', async () => {
    const { env } = await place('sqlite')
    await jsonOf({ env }, ['migrate'])
    const { code, stderr } = await runCommand({ env }, ['account', 'list'])
    assert.equal(code, 1)
    assert.match(stderr, /^there is no master key at .*master\.key, and none is set: MANYDOORS_SECRET\n$/)
    assert.equal((await readdir(env.MANYDOORS_DATA)).includes('master.key'), false)
  })
})

describe('the output of a command whose reader goes away', () => {
  const server = useServer('sqlite')

  for (const args of [
    ['account', 'list'],
    ['--json', 'audit'],
    ['config', 'schema'],
    ['keys', 'list'],
  ])
    it(`ends quietly with 0: ${args.join(' ')}`, async () => {
      await jsonOf(server, ['account', 'create', '--email', freshEmail(), '--generate'])
      const child = spawn(process.execPath, [program, ...args], {
        env: server.env,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let stderr = ''
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text
      })
      child.stdout.destroy()
      await once(child, 'close')
      assert.deepEqual([child.exitCode, stderr], [0, ''])
    })
})
