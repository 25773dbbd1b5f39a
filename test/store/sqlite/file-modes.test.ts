import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { freshEmail } from '../../harness/harness.ts'
import { type Program, startProgram } from '../../harness/program.ts'

describe('the files of SQLite', () => {
  let folder = ''
  let defaultMask = 0
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manydoors-modes-'))
    // In a folder that anybody may read, as the default mask makes files.
    await mkdir(join(folder, 'open'))
    await chmod(join(folder, 'open'), 0o755)
    defaultMask = process.umask(0o022)
  })
  after(async () => {
    process.umask(defaultMask)
    await rm(folder, { recursive: true, force: true })
  })

  const start = () =>
    startProgram({
      MANYDOORS_DATA: join(folder, 'data'),
      DATABASE_URL: `sqlite:${join(folder, 'open', 'x.db')}`,
      LOG_LEVEL: 'silent',
    })
  const modes = async () => {
    const names = await readdir(join(folder, 'open'))
    const found = names.map(async (name) => [name, (await stat(join(folder, 'open', name))).mode & 0o777])
    return Object.fromEntries(await Promise.all(found))
  }
  const use = async (program: Program) => {
    const json = { email: freshEmail(), password: 'correct horse battery staple' }
    assert.equal((await program.request('POST', '/api/co/auth/sign-up', { json })).status, 201)
  }
  const files = ['x.db', 'x.db-limits', 'x.db-limits-shm', 'x.db-limits-wal', 'x.db-shm', 'x.db-wal']
  const closed = Object.fromEntries(files.map((name) => [name, 0o600]))

  it('are made for their owner alone, all of them, wherever they are', async () => {
    const program = await start()
    await use(program)
    assert.deepEqual(await modes(), closed)
    await program.kill()
  })

  it('are closed to others at a start, when they are there already', async () => {
    for (const name of await readdir(join(folder, 'open'))) await chmod(join(folder, 'open', name), 0o644)
    const program = await start()
    await use(program)
    assert.deepEqual(await modes(), closed)
    await program.stop()
  })
})
