import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { openWriter, type Writer } from '../../../src/store/sqlite/writer.ts'
import { DatabaseUnavailable } from '../../../src/store/unavailable.ts'

describe("SQLite's writer", () => {
  let folder: string
  let other: DatabaseSync
  let writer: Writer
  let isClosed: boolean
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manydoors-test-'))
    const path = join(folder, 'test.db')
    writer = await openWriter(path)
    isClosed = false
    other = new DatabaseSync(path)
    other.exec('create table notes (text text)')
  })
  afterEach(async () => {
    if (!isClosed) await writer.close()
    other.close()
    await rm(folder, { recursive: true })
  })

  const insert = 'insert into notes values (?)'
  const write = (text: string) => writer.run(insert, [text])
  const notes = () =>
    other
      .prepare('select text from notes order by text')
      .all()
      .map(({ text }) => text)
  const lock = () => other.exec('begin immediate')
  const unlock = () => other.exec('rollback')
  const close = () => {
    isClosed = true
    return writer.close()
  }
  const isRefused = (work: Promise<unknown>) => assert.rejects(work, DatabaseUnavailable)

  it('refuses writes at once when too many wait', async () => {
    lock()
    const writes = Array.from({ length: 10_000 }, (_, index) => write(String(index)))
    await isRefused(write('one too many'))
    assert.throws(() => writer.begin(), DatabaseUnavailable)
    unlock()
    await Promise.all(writes)
    assert.equal(notes().length, 10_000)
  })

  it('lets open transactions end when it is closed, and refuses new writes', async () => {
    const [first, second] = [writer.begin(), writer.begin()]
    await first.run(insert, ['first'])
    const closing = close()
    await isRefused(write('late'))
    assert.throws(() => writer.begin(), DatabaseUnavailable)
    await first.run(insert, ['first again'])
    first.runUnread(insert, ['first unread'])
    const committing = first.commit()
    await second.run(insert, ['second'])
    await second.rollback()
    await committing
    await closing
    assert.deepEqual(notes(), ['first', 'first again', 'first unread'])
  })

  it('rolls back what does not end when it is closed', async (test) => {
    const [first, second] = [writer.begin(), writer.begin()]
    await first.run(insert, ['first'])
    const waiting = second.run(insert, ['second'])
    test.mock.timers.enable({ apis: ['setTimeout'] })
    const closing = close()
    test.mock.timers.tick(10_000)
    await closing
    await waiting
    await isRefused(first.commit())
    await isRefused(second.run(insert, ['late']))
    assert.deepEqual(notes(), [])
  })
})
