import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../harness/events.ts'
import { createData, onEveryEngine, send, type TestData } from '../../harness/harness.ts'
import { type Ending, runProgram, startProgram } from '../../harness/program.ts'

onEveryEngine('a start', (engine) => {
  const data = useData(() => createData(engine))

  it('prints the doors, where mails go and what is unsafe, without warnings', async () => {
    const program = await startProgram(data.env)
    const { port } = new URL(program.url)
    const address = `http://localhost:${port}`
    for (const path of ['/', '/dev/mailbox']) assert.equal((await program.request('GET', path)).status, 200)
    const { stdout, stderr } = await program.stop()

    assert.equal(stderr, '')
    assert.match(stdout, new RegExp(`^Manydoors is listening on ${address} \\(development\\)\n`))
    assert.match(stdout, new RegExp(`^ {2}minbil +${address}/api/co/auth/`, 'm'))
    assert.match(stdout, new RegExp(`^ {2}credebl +${address}/auth/`, 'm'))
    assert.match(stdout, new RegExp(`^ {2}mails +${address}/dev/mailbox$`, 'm'))
    assert.match(stdout, /Not for production: .*demo clients .*mails .*master\s+key .*NODE_ENV=production/s)
    assert.ok(stdout.includes(data.env.MANYDOORS_DATA))
    assert.doesNotMatch(stdout, /^\{/m)
  })

  it('prints the public URL in production, and calls nothing unsafe', async () => {
    const program = await startProgram({ ...data.env, ...production, MANYDOORS_SECRET: await keyOf(data) })
    const { stdout, stderr } = await program.stop()
    assert.equal(stderr, '')
    assert.match(
      stdout,
      /^Manydoors is listening on http:\/\/localhost:\d+, for https:\/\/auth\.example\.com\n/,
    )
    assert.match(stdout, /^ {2}mails +wait in the queue: SMTP_URL is not set$/m)
    assert.doesNotMatch(stdout, /Not for production|dev\/mailbox/)
  })
})

describe('a first start', () => {
  const data = useData(() => createData('sqlite'))
  const folder = () => join(data.env.MANYDOORS_DATA, 'inner', 'data')
  const env = () => ({ MANYDOORS_DATA: folder() })
  const keyFile = () => join(folder(), 'master.key')

  it('makes a data folder and a master key that only its owner can read', async () => {
    const program = await startProgram(env())
    await program.stop()
    assert.equal((await stat(folder())).mode & 0o777, 0o700)
    assert.equal((await stat(keyFile())).mode & 0o777, 0o600)
    assert.equal(Buffer.from(await readFile(keyFile(), 'utf8'), 'base64').length, 32)
    assert.ok(existsSync(join(folder(), 'manydoors.db')))
  })

  it('makes a key that later starts keep, with all tokens signed by it', async () => {
    const key = await readFile(keyFile())
    const credentials = { json: { email: 'owner@example.com', password: '12345678' } }
    const first = await startProgram(env())
    await first.request('POST', '/api/co/auth/sign-up', credentials)
    const { body } = await first.request('POST', '/api/co/auth/sign-in', credentials)
    await first.stop()

    const second = await startProgram(env())
    const answer = await second.request('POST', '/api/co/auth/refresh', {
      json: { refresh_token: body.refresh_token },
    })
    await second.stop()
    assert.equal(answer.status, 200, answer.text)
    assert.deepEqual(await readFile(keyFile()), key)
    assert.equal((await stat(keyFile())).mode & 0o777, 0o600)
  })
})

describe('a start that watches its files', () => {
  it('serves, as any other does', async () => {
    const data = await createData('sqlite')
    const root = join(import.meta.dirname, '..', '..', '..')
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    const [node, ...args] = scripts.dev.split(' ')
    assert.equal(node, 'node')
    const child = spawn(process.execPath, args, { cwd: root, env: { ...data.env, PORT: '0' } })
    try {
      let output = ''
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => {
          output += text
        })
      const url = await eventually('a start', async () => {
        assert.doesNotMatch(output, /Failed running/)
        return /^Manydoors is listening on (\S+)/m.exec(output)?.[1]
      })
      assert.equal((await send(`${url}/readyz`, 'GET')).status, 200)
    } finally {
      child.kill()
      await once(child, 'close')
      await data.drop()
    }
  })
})

describe('a start that cannot be', () => {
  const data = useData(() => createData('sqlite'))

  it('reports every setting that production misses, and leaves no files', async () => {
    const MANYDOORS_DATA = join(data.env.MANYDOORS_DATA, 'never')
    const ending = await runProgram({ NODE_ENV: 'production', PORT: '0', MANYDOORS_DATA })
    const [title, ...problems] = complaintOf(ending)
    assert.equal(title, 'The configuration cannot be used:')
    assert.deepEqual(
      problems.map((line) => /^ {2}- (\w+) /.exec(line)?.[1]),
      ['MANYDOORS_PUBLIC_URL', 'MANYDOORS_SECRET'],
    )
    assert.equal(existsSync(MANYDOORS_DATA), false)
  })

  it('reports in one line that the port is in use', async () => {
    const occupant = createServer()
    await new Promise<void>((listening) => occupant.listen(0, '127.0.0.1', listening))
    const { port } = occupant.address() as { port: number }
    const ending = await runProgram({ ...data.env, PORT: String(port) })
    occupant.close()
    const [line = '', ...others] = complaintOf(ending)
    assert.match(line, new RegExp(`address already in use 127\\.0\\.0\\.1:${port}\\b.*\\bPORT\\b`))
    assert.deepEqual(others, [])
  })

  it('reports in one line that the database does not answer, without its password', async () => {
    const DATABASE_URL = 'postgres://me:hunter2@127.0.0.1:1/auth'
    const lines = complaintOf(await runProgram({ ...data.env, PORT: '0', DATABASE_URL }))
    assert.deepEqual(lines, ['the database is unavailable: connect ECONNREFUSED 127.0.0.1:1'])
  })

  it('reports in one line that there is no such database', async () => {
    const url = new URL(process.env.TEST_DATABASE_URL ?? '')
    url.pathname = '/manydoors_nowhere'
    const ending = await runProgram({ ...data.env, PORT: '0', DATABASE_URL: url.href })
    const reason = 'database "manydoors_nowhere" does not exist'
    assert.deepEqual(complaintOf(ending), [`the database is unavailable: ${reason}`])
  })

  it('reports in one line that a file is no database, and keeps it', async () => {
    const path = join(data.env.MANYDOORS_DATA, 'notes.txt')
    await writeFile(path, 'Not a database.\n'.repeat(100))
    const ending = await runProgram({ ...data.env, PORT: '0', DATABASE_URL: `sqlite:${path}` })
    const [line = '', ...others] = complaintOf(ending)
    assert.ok(line.startsWith(`${path} is not an SQLite database: DATABASE_URL `), line)
    assert.deepEqual(others, [])
    assert.equal(await readFile(path, 'utf8'), 'Not a database.\n'.repeat(100))
  })

  it('reports that the key file holds no key, and keeps it', async () => {
    const path = join(data.env.MANYDOORS_DATA, 'master.key')
    await writeFile(path, 'half a key\n')
    const lines = complaintOf(await runProgram({ ...data.env, PORT: '0' }))
    assert.deepEqual(lines, [
      'The configuration cannot be used:',
      `  - ${path} does not hold 32 bytes in base64`,
    ])
    assert.equal(await readFile(path, 'utf8'), 'half a key\n')
  })

  for (const version of ['20.20.2', '22.11.0', '24.11.1']) {
    it(`reports in one line that Node ${version} is too old`, async () => {
      const pretence = `Object.defineProperty(process.versions, 'node', { value: '${version}' })`
      const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(pretence)}`
      const [line = '', ...others] = complaintOf(await runProgram({ ...data.env, PORT: '0', NODE_OPTIONS }))
      assert.match(line, new RegExp(`^Manydoors needs Node 24\\.12 or newer, and this is ${version}\\b`))
      assert.deepEqual(others, [])
    })
  }
})

const production = {
  NODE_ENV: 'production',
  MANYDOORS_PUBLIC_URL: 'https://auth.example.com',
}

function useData(create: () => Promise<TestData>): TestData {
  const data = {} as TestData
  before(async () => {
    Object.assign(data, await create())
  })
  after(() => data.drop?.())
  return data
}

/** The key that a development start has left, for a production start on the same data. */
async function keyOf({ env }: TestData): Promise<string> {
  return (await readFile(join(env.MANYDOORS_DATA, 'master.key'), 'utf8')).trim()
}

/** The lines that a failed start says on standard error, which must be all that it says. */
function complaintOf({ code, stdout, stderr }: Ending): string[] {
  assert.equal(code, 1, stderr)
  assert.equal(stdout, '')
  return stderr.replace(/\n$/, '').split('\n')
}
