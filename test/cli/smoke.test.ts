import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { registerWithSecondFactor } from '../dialects/wolfpal/door.ts'
import { spawnCommand, valuesIn } from '../harness/command.ts'
import { createData, freshEmail, useServer } from '../harness/harness.ts'
import { newMasterKey } from '../harness/master-keys.ts'

describe('each command of the real program', () => {
  const server = useServer('sqlite')
  const email = freshEmail()

  /** Runs a command in a process of its own, which must succeed. */
  async function run(env: Record<string, string>, args: string[], input?: string) {
    const { code, stdout, stderr } = await spawnCommand({ env }, ['--json', ...args], input)
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`)
    return valuesIn(stdout)
  }
  const beside = (...args: string[]) => run(server.env, args)

  it('does its work on accounts', async () => {
    const password = 'piped in, and äöü 17'
    const create = ['account', 'create', '--email', email, '--verified']
    const [{ id }] = await run(server.env, create, `${password}\n`)
    assert.equal((await beside('account', 'list'))[0].id, id)
    assert.equal((await beside('account', 'show', email))[0].id, id)
    assert.deepEqual(await beside('account', 'sessions', email), [])
    assert.equal((await beside('account', 'disable', email))[0].disabled, true)
    assert.equal((await beside('account', 'enable', email))[0].disabled, false)
    assert.equal((await beside('account', 'reset', email))[0].sentTo, email)
    const { stdout } = await spawnCommand(server, ['account', 'export', email])
    assert.equal(JSON.parse(stdout).account.id, id)
    const careful = await registerWithSecondFactor(server)
    const remove = ['account', 'remove-second-factor', careful.email, '--reason', 'x']
    assert.equal((await beside(...remove))[0].secondFactorRemoved, true)
    assert.equal((await beside('account', 'delete', email, '--yes'))[0].deleted, true)
  })

  it('does its work on clients, keys, the audit trail and the configuration', async () => {
    const [{ id }] = await beside('client', 'add', 'vastly')
    assert.ok((await beside('client', 'list')).some((client) => client.id === id))
    assert.equal((await beside('client', 'secret', 'vastly', id))[0].id, id)
    assert.equal((await beside('client', 'remove', 'vastly', id))[0].removed, true)
    assert.equal((await beside('keys', 'list'))[0].realms.length, 1)
    assert.equal((await beside('keys', 'reseal'))[0].resealed, 0)
    const [{ rotated }] = await beside('keys', 'rotate', '--force')
    // A server that has run for a while has keys of RS256, too.
    assert.ok(rotated.some(({ algorithm }: { algorithm: string }) => algorithm === 'ES256'))
    assert.equal((await beside('audit', '--event', 'keys.rotated'))[0].actor, 'cli')
    assert.equal(
      JSON.parse((await spawnCommand(server, ['--json', 'config', 'check'])).stdout).mode,
      'development',
    )
    assert.equal(JSON.parse((await spawnCommand(server, ['config', 'schema'])).stdout).type, 'object')
    assert.equal((await beside('doctor'))[0].problems, 0)
  })

  it('does its work on databases', async () => {
    const [from, elsewhere, to] = [
      await createData('sqlite'),
      await createData('sqlite'),
      await createData('postgres'),
    ]
    try {
      const MANYDOORS_SECRET = newMasterKey()
      const env = { ...from.env, MANYDOORS_SECRET }
      assert.ok((await run(env, ['migrate']))[0].applied.length > 0)
      const file = `${from.env.MANYDOORS_DATA}/copy.db`
      assert.equal((await run(env, ['backup', file]))[0].accounts, 0)
      assert.equal((await run({ ...elsewhere.env, MANYDOORS_SECRET }, ['restore', file]))[0].accounts, 0)
      assert.ok((await run(env, ['move', '--to', to.env.DATABASE_URL]))[0].tables.length > 0)
    } finally {
      for (const { drop } of [from, elsewhere, to]) await drop()
    }
  })
})
