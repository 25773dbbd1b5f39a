import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import bcrypt from 'bcrypt'
import { login, type Person, register, send, tokensOf } from '../../dialects/wolfpal/door.ts'
import { jsonOf, runCommand, valuesIn } from '../../harness/command.ts'
import { startTestServer, type TestServer } from '../../harness/harness.ts'
import { planOf } from './plan.ts'

const changed = 'changed at the old one since'

/** Somebody whom the old server knows. */
function personOf(name: string): Person {
  return { username: `${name}atwork`, email: `${name}@example.com`, password: `known to ${name} alone` }
}

/** Comes with a hash. */
const ada = personOf('ada')
/** Comes without one. */
const bo = personOf('bo')
/** Comes with a hash, and has another password by the day. */
const cy = personOf('cy')
/** Signs up at the old server after the import. */
const dot = personOf('dot')
/** Comes without a hash, and never signs in. */
const eve = personOf('eve')

describe('the day’s plan of docs/switching.md', () => {
  const began = `${new Date().toISOString().slice(0, 16)}Z`
  let [folder, old, next] = ['', {} as TestServer, {} as TestServer]
  const plan = planOf('docs/switching.md', 'The day’s plan')
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manydoors-day-'))
    old = await startTestServer('sqlite')
    // Slower than an operator's machine may be the one that runs the tests.
    const yaml = plan.yaml.replace('https://old.example.com', `${old.url}\n          timeout: 20s`)
    next = await startTestServer('sqlite', { yaml })
    for (const person of [ada, bo, cy, eve]) await register(old, person)
  })
  after(async () => {
    await next.close()
    await old.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** Runs the plan's next command, which is this one, with its files in the folder and the time at which the day began. */
  async function run(command: string, input = ''): Promise<string> {
    assert.equal(plan.next(), command)
    const inFolder = command
      .replaceAll(/\S+\.(?:ndjson|csv)/g, (name) => join(folder, name))
      .replace(/(?<=--since )\S+/, began)
    const [words = '', output] = inFolder.split(' > ')
    const ending = await runCommand(next, words.split(' ').slice(1), input)
    assert.equal(ending.code, 0, `${command}: ${ending.stderr}${ending.stdout}`)
    if (output) await writeFile(output, ending.stdout)
    return ending.stdout
  }

  async function changePassword(server: TestServer, person: Person): Promise<Person> {
    const bearer = tokensOf(await login(server, person)).access
    const json = { oldPassword: person.password, newPassword: changed }
    const { status, text } = await send(server, 'PUT', '/account/change-password', { bearer, json })
    assert.equal(status, 200, text)
    return { ...person, password: changed }
  }

  /** Writes what mongoexport would of the old server, with a hash for these people alone. */
  async function exportUsers(withHash: Person[]): Promise<void> {
    const accounts = await jsonOf(old, ['account', 'list'])
    const lines = accounts.map(async ({ id, email, username }) => {
      const person = withHash.find((person) => person.email === email)
      const password = person && (await bcrypt.hash(person.password, 4))
      return `${JSON.stringify({ _id: id, email, username, emailVerified: true, password })}\n`
    })
    await writeFile(join(folder, 'users.ndjson'), (await Promise.all(lines)).join(''))
  }

  it('says beforehand what the import then does, and who will get in', async () => {
    await exportUsers([ada, cy])
    assert.match(await run('manydoors import wolfpal users.ndjson --pending wolfpal'), /^created +4$/m)
    assert.deepEqual(await jsonOf(next, ['account', 'list']), [])
    const imported = await run('manydoors import wolfpal users.ndjson --pending wolfpal --commit')
    assert.match(imported, /^created +4$/m)
    await writeFile(join(folder, 'known.csv'), `${ada.email},${ada.password}\n`)
    assert.equal(await run('manydoors import verify known.csv'), 'line 1: right\n')
    const checked = await run('manydoors switching check wolfpal --as bo@example.com', `${bo.password}\n`)
    assert.match(checked, /^Sign-ins would work\.$/m)
  })

  it('lets everybody in on the day, also who has come or has changed a password since the import', async () => {
    await register(old, dot)
    const cyNow = await changePassword(old, cy)
    await exportUsers([ada, cy])
    const command = 'manydoors import wolfpal users.ndjson --pending wolfpal --on-conflict fill --commit'
    assert.match(await run(command), /^created +1$/m)
    for (const person of [ada, bo, cyNow, dot]) tokensOf(await login(next, person))
    for (const person of [ada, bo, cy, dot])
      assert.equal((await login(next, { ...person, password: 'none of theirs' })).status, 400)
    const status = await run('manydoors switching status')
    assert.match(status, /^ {2}own +4 /m)
    assert.match(status, /^ {2}pending +1 /m)
  })

  it('leaves nobody waiting at the end, and who is left sets a password by mail', async () => {
    await run('manydoors switching status')
    await run('manydoors account list --password pending --json > left.ndjson')
    const left = valuesIn(await readFile(join(folder, 'left.ndjson'), 'utf8'))
    assert.equal(left.map(({ email }) => email).join(), eve.email)
    await run('manydoors switching finish wolfpal', 'yes\n')
    assert.equal((await login(next, eve)).status, 400)
    await jsonOf(next, ['account', 'reset', left[0].id])
    assert.equal((await next.mail(eve.email, /./)).links.length, 1)
  })

  it('tells on a way back whose password the old server does not know, and lets all others in there', async () => {
    await changePassword(next, bo)
    const changes = await run('manydoors switching changes --since 2027-01-31T06:00Z')
    assert.deepEqual(changes.match(/\S+@\S+/g), [bo.email])
    assert.match(changes, /password/)
    for (const person of [ada, bo, dot, eve]) tokensOf(await login(old, person))
  })

  it('has no command that was not tried', () => {
    assert.equal(plan.next(), undefined)
  })
})
