import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { openWriter } from '../../src/store/sqlite/writer.ts'
import { DatabaseUnavailable } from '../../src/store/unavailable.ts'
import { jsonOf, spawnCommand } from '../harness/command.ts'
import { select } from '../harness/database.ts'
import { minbil, type Person, register } from '../harness/doors.ts'
import { everyFile } from '../harness/everything.ts'
import { type Answer, freshEmail, type TestServer, useServer } from '../harness/harness.ts'
import { found } from '../harness/secrets.ts'

const password = '12345678'

/** Does something while another connection keeps what `statements` give it. */
async function beside<T>(path: string, statements: string, work: () => Promise<T>): Promise<T> {
  const other = new DatabaseSync(path)
  try {
    other.exec(statements)
    return await work()
  } finally {
    other.close()
  }
}

function pathOf(server: TestServer): string {
  return (server.env.DATABASE_URL ?? '').slice('sqlite:'.length)
}

/** What it comes to, and after how many milliseconds. */
async function timed<T>(work: Promise<T>): Promise<{ result: T; took: number }> {
  const startedAt = performance.now()
  const result = await work
  return { result, took: performance.now() - startedAt }
}

// Both wait for the lock at once.
describe('a database that another process keeps locked', { concurrency: true }, () => {
  const server = useServer('sqlite')

  it('has all requests refused within the lock timeout, and works after that', async () => {
    const person = await register(server)
    const signIns = await Promise.all(Array.from({ length: 8 }, () => minbil.signIn(server, person)))
    const refreshTokens = signIns.map((answer) => minbil.tokensOf(answer).refresh)
    const refreshes = await beside(pathOf(server), 'begin immediate', () =>
      Promise.all(
        refreshTokens.map(async (token, index) => {
          await pause(index * 300)
          return timed(minbil.refresh(server, token))
        }),
      ),
    )
    for (const { result, took } of refreshes) {
      assert.equal(result.status, 503, result.text)
      assert.ok(result.headers.get('retry-after'))
      assert.ok(took < 9000, `${took} ms`)
    }
    for (const token of refreshTokens) minbil.tokensOf(await minbil.refresh(server, token))
  })

  it('has the writer refuse all who wait, once the first has timed out', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'manydoors-test-'))
    const path = join(folder, 'test.db')
    const writer = await openWriter(path)
    const other = new DatabaseSync(path)
    try {
      other.exec('create table notes (text text); begin immediate')
      const insert = 'insert into notes values (?)'
      const isRefused = (work: Promise<unknown>) => assert.rejects(work, DatabaseUnavailable)
      const startedAt = performance.now()
      const [early, ended, silent] = [writer.begin(), writer.begin(), writer.begin()]
      ended.runUnread(insert, ['unread'])
      const write = (text: string) => writer.run(insert, [text])
      const refusals = [write('a'), write('b'), early.run(insert, ['c']), ended.commit()]
      await pause(2000)
      const late = writer.begin()
      refusals.push(write('d'), late.run(insert, ['e']), writer.run('pragma wal_checkpoint(truncate)', []))
      await Promise.all(refusals.map(isRefused))
      const took = performance.now() - startedAt
      assert.ok(took > 4000 && took < 9500, `${took} ms`)

      other.exec('rollback')
      await isRefused(early.run(insert, ['f']))
      await early.rollback()
      await isRefused(late.commit())
      silent.runUnread(insert, ['g'])
      await isRefused(silent.commit())
      const next = writer.begin()
      await next.run(insert, ['kept'])
      await next.commit()
      assert.deepEqual(
        other
          .prepare('select text from notes')
          .all()
          .map(({ text }) => text),
        ['kept'],
      )
    } finally {
      await writer.close()
      other.close()
      await rm(folder, { recursive: true })
    }
  })
})

describe('limit counts that another process keeps locked', () => {
  const server = useServer('sqlite', { limits: 'real' })
  const signIn = (person: Person): Promise<Answer> => minbil.signIn(server, person)

  it('refuse what is limited, and block nothing else', async () => {
    const person = await register(server)
    const { result, took } = await timed(
      beside(`${pathOf(server)}-limits`, 'begin immediate', async () => {
        const attempts = Array.from({ length: 20 }, () => signIn(person))
        await pause(20)
        const { took } = await timed(server.request('GET', '/.well-known/jwks.json'))
        assert.ok(took < 500, `keys after ${took} ms`)
        return Promise.all(attempts)
      }),
    )
    for (const answer of result) assert.equal(answer.status, 503, answer.text)
    assert.ok(took < 3000, `${took} ms`)
    minbil.tokensOf(await signIn(person))
  })

  it('are waited for when it is short', async () => {
    const person = await register(server)
    let attempt: Promise<Answer> | undefined
    await beside(`${pathOf(server)}-limits`, 'begin immediate', async () => {
      attempt = signIn(person)
      await pause(30)
    })
    assert.equal((await attempt)?.status, 200)
  })
})

describe('the deletion of an account while a backup reads the database', () => {
  const server = useServer('sqlite')

  it('blocks nobody, reports what it leaves, and maintenance removes that', async () => {
    const email = freshEmail()
    await jsonOf(server, ['account', 'create', '--email', email, '--verified'], password)
    const bystander = await register(server)
    let tokens = minbil.tokensOf(await minbil.signIn(server, bystander))
    const needle = { what: email, bytes: Buffer.from(email) }

    const { stdout } = await beside(pathOf(server), 'begin; select count(*) from accounts', async () => {
      const deleting = spawnCommand(server, ['account', 'delete', email, '--yes'])
      let isDeleted = false
      deleting.finally(() => {
        isDeleted = true
      })
      while (!isDeleted) {
        const { result, took } = await timed(minbil.refresh(server, tokens.refresh))
        tokens = minbil.tokensOf(result)
        assert.ok(took < 3000, `a refresh took ${took} ms`)
        await pause(20)
      }
      return deleting
    })
    assert.match(stdout, /^\S+ is deleted; the audit trail knows it as deleted-/)
    assert.match(stdout, /\nThe write-ahead log still holds some of what was deleted, .* such as a backup; /)
    const accounts = await select(server.env.DATABASE_URL ?? '', 'select email from accounts')
    assert.deepEqual(
      accounts.map((account) => account.email),
      [bystander.email],
    )
    assert.deepEqual(found([needle], await everyFile(server)), [email])

    await server.maintain()
    assert.deepEqual(found([needle], await everyFile(server)), [])
  })
})
