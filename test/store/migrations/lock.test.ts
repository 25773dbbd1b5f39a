import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import pg from 'pg'
import { eventually } from '../../harness/events.ts'
import { createData, send, type TestData } from '../../harness/harness.ts'
import { launchProgram } from '../../harness/program.ts'

describe('a start while another process changes the tables', () => {
  let data: TestData
  before(async () => {
    data = await createData('postgres')
  })
  after(() => data?.drop())

  /** Until it is told to release it. */
  async function holdLock(): Promise<() => Promise<void>> {
    const holder = new pg.Client({ connectionString: data.env.DATABASE_URL })
    await holder.connect()
    await holder.query('begin')
    await holder.query('select pg_advisory_xact_lock(3853314791062309107)')
    return () => holder.end()
  }

  const waits = 'another process changes the tables: the start waits until it is done'

  it('says that it waits, and ends at once with SIGTERM', async () => {
    const release = await holdLock()
    const program = launchProgram({ ...data.env, PORT: '0' })
    try {
      await eventually('the word that it waits', async () => program.output().includes(waits) || undefined)
      program.signal('SIGTERM')
      // While the lock is held; one that has to be ended by force ends with 1.
      const { code, stdout, stderr } = await program.ended
      assert.deepEqual([code, stderr], [0, ''])
      assert.doesNotMatch(stdout, /listening/)
    } finally {
      program.signal('SIGKILL')
      await release()
    }
  })

  it('goes on as soon as that is done, and has said so once', async () => {
    const release = await holdLock()
    const program = launchProgram({ ...data.env, PORT: '0' })
    try {
      await eventually('the word that it waits', async () => program.output().includes(waits) || undefined)
      await release()
      const url = await eventually(
        'a start',
        async () => /^Manydoors is listening on (\S+)/m.exec(program.output())?.[1],
      )
      assert.equal((await send(`${url}/readyz`, 'GET')).status, 200)
      assert.equal(program.output().split(waits).length - 1, 1)
    } finally {
      program.signal('SIGTERM')
      await program.ended
    }
  })

  it('is waited for by `migrate` too, which says so', async () => {
    const release = await holdLock()
    const program = launchProgram(data.env, ['migrate'])
    await eventually(
      'the word that it waits',
      async () => /waiting for it/.test(program.errors()) || undefined,
    )
    await release()
    assert.equal((await program.ended).code, 0)
  })
})
