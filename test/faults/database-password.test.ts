import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { execute } from '../harness/database.ts'
import { minbil, type Person, registerUnmailed } from '../harness/doors.ts'
import { eventually } from '../harness/events.ts'
import { createData, startTestServer, type TestData, type TestServer } from '../harness/harness.ts'

const renewed = 'the address of the database was read again, as the one before was refused'

const waysToName = {
  DATABASE_URL_FILE: (file: string) => ({ env: { DATABASE_URL: '', DATABASE_URL_FILE: file } }),
  databaseFile: (file: string) => ({ env: { DATABASE_URL: '' }, yaml: `databaseFile: ${file}\n` }),
}

for (const [name, options] of Object.entries(waysToName)) {
  describe(`a changed database password, with ${name}`, () => {
    let data: TestData
    let server: TestServer
    let person: Person
    let role: string
    const admin = () => process.env.TEST_DATABASE_URL ?? ''
    const urlWith = (password: string) => {
      const url = new URL(data.env.DATABASE_URL)
      url.username = role
      url.password = password
      return url.href
    }
    const file = () => join(data.env.MANYDOORS_DATA, 'database-url')
    const readiness = async () => (await server.request('GET', '/readyz')).status
    /** So many at once that new connections are needed. */
    const signIns = () => Promise.all(Array.from({ length: 20 }, () => minbil.signIn(server, person)))
    const endConnections = () =>
      execute(admin(), `select pg_terminate_backend(pid) from pg_stat_activity where usename = '${role}'`)
    const renewals = () => server.log.filter(({ msg }) => msg === renewed)

    before(async () => {
      data = await createData('postgres')
      const database = new URL(data.env.DATABASE_URL).pathname.slice(1)
      role = `${database}_owner`
      await execute(admin(), `create role ${role} login password 'first-password'`)
      await execute(admin(), `alter database ${database} owner to ${role}`)
      await writeFile(file(), `${urlWith('first-password')}\n`)
      const { env, ...others } = options(file())
      const MANYDOORS_DATA = data.env.MANYDOORS_DATA
      server = await startTestServer('postgres', { ...others, env: { ...env, MANYDOORS_DATA } })
      person = await registerUnmailed(server, data.env.DATABASE_URL)
    })
    after(async () => {
      await server?.close()
      await data?.drop()
      await execute(admin(), `drop role if exists ${role}`)
    })

    it('leaves the server not ready, and refuses new connections, while the file has the old one', async () => {
      await execute(admin(), `alter role ${role} password 'second-password'`)
      await eventually('the end of readiness', async () => (await readiness()) === 503 || undefined)
      const refused = (await signIns()).filter(({ status }) => status !== 200)
      assert.ok(refused.length > 0)
      for (const { status, headers } of refused) {
        assert.equal(status, 503)
        assert.ok(headers.get('retry-after'))
      }
      assert.deepEqual(renewals(), [])
      const codes = server.log.map((line) => JSON.stringify(line).includes('"code":"28P01"'))
      assert.ok(codes.includes(true))
    })

    it('is read from the file once it is there, and logged once, without the password', async () => {
      await writeFile(file(), `${urlWith('second-password')}\n`)
      // However few there are at a time: those who were let in before would do.
      await endConnections()
      await eventually('readiness', async () => (await readiness()) === 200 || undefined)
      await eventually(
        'sign-ins that all succeed',
        async () => (await signIns()).every(({ status }) => status === 200) || undefined,
      )
      assert.deepEqual(
        renewals().map(({ file }) => file),
        [file()],
      )
      assert.doesNotMatch(JSON.stringify(server.log), /(first|second)-password/)
    })

    it('does not matter while the file holds no valid URL', async () => {
      await writeFile(file(), 'half an addr')
      await endConnections()
      await eventually(
        'sign-ins that all succeed',
        async () => (await signIns()).every(({ status }) => status === 200) || undefined,
      )
    })
  })
}
