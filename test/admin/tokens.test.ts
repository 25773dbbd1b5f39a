import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { jsonOf } from '../harness/command.ts'
import { select } from '../harness/database.ts'
import { useServer } from '../harness/harness.ts'
import { assertProblem, programOf, programWith } from './programs.ts'

const dayMs = 24 * 3_600_000

describe('tokens of the admin API', () => {
  const server = useServer('sqlite')
  const database = () => server.env.DATABASE_URL ?? ''

  it('are shown once, and kept as a hash', async () => {
    const { ask } = await programOf(server)
    const json = { name: 'shown once', scopes: ['health.read'], reason: 'Try' }
    const { body } = await ask('POST', '/tokens', { json })
    assert.match(body.token, /^mda_[\w-]{43}$/)
    const listed = await ask('GET', '/tokens')
    assert.ok(listed.body.items.some(({ id }: { id: string }) => id === body.row.id))
    const secret = body.token.slice('mda_'.length)
    assert.ok(!listed.text.includes(secret))
    for (const table of ['admin_tokens', 'audit', 'admin_requests', 'jobs'])
      assert.ok(!JSON.stringify(await select(database(), `select * from ${table}`)).includes(secret), table)
    assert.ok(!JSON.stringify(server.log).includes(secret))
  })

  it('are useless once they are revoked, and after their days', async () => {
    const { ask } = await programOf(server)
    const made = await ask('POST', '/tokens', {
      json: { name: 'short', scopes: ['operators.read'], days: 1, reason: 'Try' },
    })
    const short = programWith(server, { id: made.body.row.id, token: made.body.token })
    const other = await programOf(server, ['operators.read'])
    assert.equal((await other.ask('GET', '/operators')).status, 200)
    assert.equal((await ask('DELETE', `/tokens/${other.id}?reason=Leaked`)).status, 200)
    assertProblem(await other.ask('GET', '/operators'), 401, 'token_invalid')
    assertProblem(await ask('DELETE', `/tokens/${other.id}?reason=Leaked`), 404, 'not_found')
    assert.equal((await short.ask('GET', '/operators')).status, 200)
    server.clock.advance(dayMs)
    assertProblem(await short.ask('GET', '/operators'), 401, 'token_invalid')
  })

  it('say when and from where they were last used, at most once a minute', async () => {
    const { ask, id } = await programOf(server, ['operators.read'])
    const row = async () =>
      (await ask('GET', '/tokens')).body.items.find((token: { id: string }) => token.id === id)
    await row()
    const { lastUsedAt, lastUsedIp } = await row()
    assert.equal(lastUsedIp, '127.0.0.1')
    server.clock.advance(30_000)
    assert.equal((await row()).lastUsedAt, lastUsedAt)
    server.clock.advance(31_000)
    await row()
    assert.notEqual((await row()).lastUsedAt, lastUsedAt)
  })

  it('that are held to realms do nothing to the server, and give nobody more than they have', async () => {
    const held = await programOf(server, ['operators.read', 'tokens.write'], { realms: ['main'] })
    assertProblem(await held.ask('GET', '/operators'), 403, 'not_allowed')
    const maker = await programOf(server, ['tokens.write', 'health.read'])
    const make = (scopes: string[]) =>
      maker.ask('POST', '/tokens', { json: { name: 'x', scopes, reason: 'Try' } })
    const beyond = await make(['health.read', 'accounts.delete'])
    assertProblem(beyond, 409, 'refused')
    assert.match(beyond.body.detail, /accounts\.delete/)
    assert.equal((await make(['health.read'])).status, 200)
  })

  it('are made and revoked on the node, too, which the audit trail tells', async () => {
    const here = { env: server.env, now: server.clock.now }
    const args = ['operator', 'token', 'make', 'here', '--scope', 'health.read', '--reason', 'On the node']
    const [{ id }] = await jsonOf(here, args)
    await jsonOf(here, ['operator', 'token', 'revoke', id])
    const rows = await select(
      database(),
      `select event, actor, note from audit where detail = '${id}' order by id`,
    )
    assert.deepEqual(
      rows.map((row) => ({ ...row })),
      [
        { event: 'admin_token.made', actor: 'cli', note: 'On the node' },
        { event: 'admin_token.revoked', actor: 'cli', note: null },
      ],
    )
  })
})
