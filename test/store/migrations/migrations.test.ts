import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { readConfig } from '../../../src/config/read-config.ts'
import { startServer } from '../../../src/server/server.ts'
import { cheapArgon2 } from '../../harness/cheap-hashing.ts'
import { type Row, select, tableNames } from '../../harness/database.ts'
import { credebl, minbil, type Person, registerUnmailed, type Target } from '../../harness/doors.ts'
import { createData, onEveryEngine, send, type TestData } from '../../harness/harness.ts'
import { endOfJobs } from '../../harness/jobs.ts'
import { runProgram, startProgram } from '../../harness/program.ts'

onEveryEngine('starts on one database', (engine) => {
  it('come up together on an empty one and are one server', () =>
    withData(engine, async (env) => {
      const programs = await Promise.all([startProgram(env), startProgram(env), startProgram(env)])
      const [first, second, third] = programs
      try {
        const keys = await Promise.all(programs.map(({ url }) => jwksAt(url)))
        assert.equal(keys[0]?.length, 2)
        for (const others of keys) assert.deepEqual(others, keys[0])

        const person = await registerUnmailed(first, env.DATABASE_URL)
        const opened = credebl.tokensOf(await credebl.signIn(first, person))
        const turned = credebl.tokensOf(await credebl.refresh(second, opened.refresh))
        assert.equal(await profileStatus(third, turned.access), 200)
        await third.request('POST', '/auth/signout', { bearer: turned.access })
        assert.equal(await profileStatus(first, turned.access), 401)
      } finally {
        await Promise.all(programs.map((program) => program.kill()))
      }
    }))

  it('change nothing once it has been set up', () =>
    withData(engine, async (env) => {
      const { person, token } = await serving(env, (server) => signUpAndIn(server, env))
      const before = await everything(env.DATABASE_URL)
      assert.ok(before.has('schema_changes'))

      await serving(env, async () => {})
      assert.deepEqual(await everything(env.DATABASE_URL), before)
      await serving(env, async (server) => {
        assert.equal((await minbil.refresh(server, token)).status, 200)
        assert.equal((await minbil.signIn(server, person)).status, 200)
      })
    }))

  it('refuse to begin with another master key than the one that it was set up with', () =>
    withData(engine, async (env) => {
      const { token } = await serving(env, (server) => signUpAndIn(server, env))
      const before = await everything(env.DATABASE_URL)

      // Without a key, development makes one.
      for (const key of [freshKey(), '']) {
        const { code, stdout, stderr } = await runProgram({ PORT: '0', ...env, MANYDOORS_SECRET: key })
        assert.equal(code, 1)
        assert.equal(stdout, '')
        assert.equal(
          stderr,
          'The configuration cannot be used:\n' +
            '  - the master key (MANYDOORS_SECRET, or else master.key in the data folder) is not the one that ' +
            'this database was set up with\n',
        )
      }
      assert.deepEqual(await everything(env.DATABASE_URL), before)
      await serving(env, async (server) => {
        assert.equal((await minbil.refresh(server, token)).status, 200)
      })
    }))
})

describe('many starts at once on an empty postgres', () => {
  it('agree on the keys every time', async () => {
    for (let round = 0; round < 3; round++) {
      await withData('postgres', async (env) => {
        const config = readConfig({ ...env, LOG_LEVEL: 'silent', PORT: '0' })
        const servers = await Promise.all([1, 2, 3, 4].map(() => startServer(config)))
        const keys = await Promise.all(servers.map(({ port }) => jwksAt(`http://127.0.0.1:${port}`)))
        for (const server of servers) await server.close()
        assert.equal(keys[0]?.length, 2)
        for (const others of keys) assert.deepEqual(others, keys[0])
      })
    }
  })
})

type Server = Pick<Target, 'request'>

type Environment = TestData['env'] & { MANYDOORS_SECRET: string }

async function withData(
  engine: Parameters<typeof createData>[0],
  work: (env: Environment) => Promise<void>,
): Promise<void> {
  const data = await createData(engine)
  try {
    await work({ ...data.env, MANYDOORS_SECRET: freshKey() })
  } finally {
    await data.drop()
  }
}

/** Starts a server, works with it, and closes it. */
async function serving<T>(env: Environment, work: (server: Server) => Promise<T>): Promise<T> {
  const config = readConfig({ ...env, LOG_LEVEL: 'silent', PORT: '0' })
  const { port, close } = await startServer(config, { argon2: cheapArgon2 })
  try {
    return await work({
      request: (method, path, options) => send(`http://127.0.0.1:${port}${path}`, method, options),
    })
  } finally {
    await close()
  }
}

function freshKey(): string {
  return randomBytes(32).toString('base64')
}

async function signUpAndIn(server: Server, env: Environment): Promise<{ person: Person; token: string }> {
  const person = await registerUnmailed(server, env.DATABASE_URL)
  await endOfJobs({ env })
  return { person, token: minbil.tokensOf(await minbil.signIn(server, person)).refresh }
}

async function jwksAt(url: string): Promise<object[]> {
  return (await send(`${url}/.well-known/jwks.json`, 'GET')).body.keys
}

async function profileStatus(target: Target, bearer: string): Promise<number> {
  return (await target.request('GET', '/users/profile', { bearer })).status
}

/** Every row of every table, but for when the configuration's clients were last declared: every start does that. */
async function everything(databaseUrl: string): Promise<Map<string, string[]>> {
  const tables = new Map<string, string[]>()
  const asText = ({ declared_at: _, ...row }: Row) => JSON.stringify(row)
  for (const table of await tableNames(databaseUrl)) {
    const rows = await select(databaseUrl, `select * from "${table}"`)
    tables.set(table, rows.map(asText).sort())
  }
  tables.set('the schema', await schema(databaseUrl))
  return tables
}

async function schema(databaseUrl: string): Promise<string[]> {
  const rows = await select(
    databaseUrl,
    databaseUrl.startsWith('sqlite:')
      ? 'select name, sql from sqlite_master'
      : `select table_name, column_name, data_type, is_nullable from information_schema.columns
         where table_schema = 'public'`,
  )
  return rows.map((row) => JSON.stringify(row)).sort()
}
