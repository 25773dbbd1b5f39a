import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { runCommand } from '../../harness/command.ts'
import { select, tableNames } from '../../harness/database.ts'
import { createData, onEveryEngine, type TestData } from '../../harness/harness.ts'
import { runProgram, startProgram } from '../../harness/program.ts'

onEveryEngine('migrate', (engine) => {
  let data: TestData
  before(async () => {
    data = await createData(engine)
  })
  after(() => data?.drop())
  const run = async (...args: string[]) => {
    const ending = await runCommand({ env: data.env }, ['migrate', ...args])
    assert.deepEqual([ending.code, ending.stderr], [0, ''])
    return ending.stdout.trimEnd().split('\n')
  }

  it('changes nothing with --status', async () => {
    const lines = await run('--status')
    assert.match(lines[0] ?? '', /^pending +001-core$/)
    for (const line of lines) assert.match(line, /^pending +\d{3}-[a-z-]+$/)
    assert.deepEqual(engine === 'sqlite' ? [] : await tableNames(data.env.DATABASE_URL), [])
    assert.equal(existsSync(data.env.DATABASE_URL.replace('sqlite:', '')), false)
  })

  it('applies every change once, however many processes run it', async () => {
    const pending = (await run('--status')).map((line) => line.replace(/^pending +/, ''))
    const endings = await Promise.all([1, 2, 3].map(() => runProgram(data.env, ['migrate', '--json'])))
    for (const { code, stderr } of endings) {
      assert.equal(code, 0)
      // On a busy machine, who waits says so.
      assert.match(stderr, /^(another process changes the tables: waiting for it\n)?$/)
    }
    const applied = endings.map(({ stdout }) => JSON.parse(stdout).applied as string[])
    assert.deepEqual(applied.flat().sort(), pending)
    assert.equal(applied.filter((names) => names.length > 0).length, 1)
    if (engine === 'sqlite')
      assert.equal((await stat(data.env.DATABASE_URL.replace('sqlite:', ''))).mode & 0o777, 0o600)
  })

  it('has nothing to do then, and reports when each was applied', async () => {
    assert.deepEqual(await run(), ['nothing to do: every change is made'])
    const { changes } = JSON.parse((await run('--status', '--json')).join('\n'))
    for (const { name, state, at } of changes) {
      assert.equal(state, 'applied', name)
      assert.ok(Math.abs(Date.now() - Date.parse(at)) < 3_600_000, at)
    }
  })

  it('leaves a schema that a start accepts', async () => {
    const before = await select(data.env.DATABASE_URL, 'select * from schema_changes order by name')
    const program = await startProgram(data.env)
    await program.stop()
    assert.deepEqual(
      await select(data.env.DATABASE_URL, 'select * from schema_changes order by name'),
      before,
    )
  })
})

describe('migrate without a data folder', () => {
  it('makes the folder with mode 0700', async () => {
    const data = await createData('sqlite')
    const folder = join(data.env.MANYDOORS_DATA, 'inner')
    const { code } = await runCommand({ env: { MANYDOORS_DATA: folder } }, ['migrate'])
    assert.equal(code, 0)
    assert.equal((await stat(folder)).mode & 0o777, 0o700)
    assert.equal((await stat(join(folder, 'manydoors.db'))).mode & 0o777, 0o600)
    assert.equal(existsSync(join(folder, 'master.key')), false)
    await data.drop()
  })
})
