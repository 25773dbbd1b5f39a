import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type Artifact, findArtifact, putArtifact } from '../../../src/core/openid/artifacts.ts'
import { jsonOf, runCommand } from '../../harness/command.ts'
import { execute, select } from '../../harness/database.ts'
import { register } from '../../harness/doors.ts'
import { onEveryEngine, type TestServer, useServer } from '../../harness/harness.ts'
import { keyVariables, newMasterKey, restartWith } from '../../harness/master-keys.ts'
import { withRealm } from '../../harness/realm.ts'

const minute = 60_000

const keep = (server: TestServer, artifact: Partial<Artifact> & { value: string }) =>
  withRealm(server, (ctx) =>
    putArtifact(ctx, {
      kind: 'Grant',
      payload: { said: artifact.value },
      expiresAt: server.clock.now() + 60 * minute,
      ...artifact,
    }),
  )
const find = (server: TestServer, value: string, kind = 'Grant') =>
  withRealm(server, async (ctx) => (await findArtifact(ctx, kind, value))?.payload)
const rowsOf = (server: TestServer, columns: string) =>
  select(server.env.DATABASE_URL ?? '', `select ${columns} from openid_artifacts order by created_at, id`)

/** Somebody with a code and a consent of the app `notes`. */
async function personWithApp(server: TestServer) {
  const person = await register(server)
  const url = server.env.DATABASE_URL ?? ''
  const [row] = await select(url, `select id from accounts where email = '${person.email}'`)
  const id = String(row?.id)
  await keep(server, { value: `code of ${id}`, kind: 'AuthorizationCode', accountId: id })
  await execute(
    url,
    `insert into openid_consents (realm, account_id, client_id, scopes, granted_at)
     values ('main', '${id}', 'notes', '["openid","email"]', ${server.clock.now()})`,
  )
  return { ...person, id }
}

onEveryEngine('what OpenID Connect keeps', (engine) => {
  const [old, fresh] = [newMasterKey(), newMasterKey()]
  const server = useServer(engine, { env: keyVariables({ primary: old }) })

  const countsByRole = async () => {
    const [{ masterKeys }] = await jsonOf(server, ['keys', 'list'])
    return masterKeys.map(({ role, openidArtifacts }: Record<string, unknown>) => [role, openidArtifacts])
  }

  it('is sealed anew under a new master key, and what has expired is left alone', async () => {
    await keep(server, { value: 'one' })
    await keep(server, { value: 'two' })
    await keep(server, { value: 'expired', expiresAt: server.clock.now() - 1 })
    assert.deepEqual(await countsByRole(), [['primary', 2]])
    await restartWith(server, { primary: fresh, previous: old })
    const [{ masterKeys }] = await jsonOf(server, ['keys', 'list'])
    const ids = Object.fromEntries(masterKeys.map(({ role, id }: Record<string, string>) => [role, id]))
    const [{ resealed, unopened }] = await jsonOf(server, ['keys', 'reseal'])
    assert.ok(resealed >= 2)
    assert.deepEqual(unopened, [])
    const sealers = (await rowsOf(server, 'sealed_under')).map(({ sealed_under }) => sealed_under)
    assert.equal(sealers.filter((id) => id === ids.primary).length, 2)
    assert.equal(await find(server, 'expired'), undefined)
    await restartWith(server, { primary: fresh })
    for (const value of ['one', 'two']) assert.deepEqual(await find(server, value), { said: value })
  })

  it('is removed once it has expired', async () => {
    await keep(server, { value: 'passing', expiresAt: server.clock.now() + minute })
    await server.maintain()
    const before = (await rowsOf(server, 'id')).length
    server.clock.advance(minute + 1)
    await server.maintain()
    assert.equal((await rowsOf(server, 'id')).length, before - 1)
    assert.deepEqual(await find(server, 'one'), { said: 'one' })
  })

  it('is in what a person is given of theirs: what apps were allowed, and no code', async () => {
    const person = await personWithApp(server)
    const { code, stdout } = await runCommand(server, ['account', 'export', person.email])
    assert.equal(code, 0)
    const { consents, openidArtifacts } = JSON.parse(stdout)
    assert.deepEqual(
      consents.map(({ clientId, scopes, grantedAt }: Record<string, unknown>) => [
        clientId,
        scopes,
        typeof grantedAt,
      ]),
      [['notes', ['openid', 'email'], 'string']],
    )
    assert.deepEqual(
      openidArtifacts.map((artifact: object) => Object.keys(artifact)),
      [['kind', 'createdAt', 'expiresAt']],
    )
    assert.ok(!stdout.includes(`code of ${person.id}`))
  })

  it('is deleted with the account', async () => {
    const person = await personWithApp(server)
    const held = async () => [
      ...(await rowsOf(server, 'account_id')),
      ...(await select(server.env.DATABASE_URL ?? '', 'select account_id from openid_consents')),
    ]
    const isTheirs = ({ account_id }: Record<string, unknown>) => account_id === person.id
    assert.equal((await held()).filter(isTheirs).length, 2)
    const { code, stderr } = await runCommand(server, ['account', 'delete', person.email, '--yes'])
    assert.equal(code, 0, stderr)
    assert.equal((await held()).filter(isTheirs).length, 0)
    assert.ok((await held()).length > 0)
  })
})

describe('a restored copy of what OpenID Connect keeps', () => {
  const server = useServer('sqlite')

  it('has the grants that sessions rest on, and nothing that is good for one use', async () => {
    for (const kind of ['Grant', 'Session', 'AuthorizationCode', 'DeviceCode', 'Interaction'])
      await keep(server, { value: 'kept', kind })
    const file = join(server.env.MANYDOORS_DATA ?? '', 'copy.db')
    assert.equal((await runCommand(server, ['backup', file])).code, 0)
    await server.restart(async () => {
      const { code, stderr } = await runCommand(server, ['restore', file])
      assert.equal(code, 0, stderr)
    })
    const kinds = (await rowsOf(server, 'kind')).map(({ kind }) => kind)
    assert.deepEqual(kinds.sort(), ['Grant', 'Session'])
    assert.deepEqual(await find(server, 'kept'), { said: 'kept' })
  })
})
