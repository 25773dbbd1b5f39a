import assert from 'node:assert/strict'
import { it } from 'node:test'
import { inspect } from 'node:util'
import { listClients, reloadClients, rotateClientSecret } from '../../../src/core/clients/admin.ts'
import { checkClientSecret } from '../../../src/core/clients/client-secret.ts'
import type { RealmContext } from '../../../src/core/context.ts'
import { jsonOf } from '../../harness/command.ts'
import { select } from '../../harness/database.ts'
import { onEveryEngine, useServer } from '../../harness/harness.ts'
import { withRealm } from '../../harness/realm.ts'

const week = 7 * 24 * 3600

onEveryEngine('the secret of a client', (engine) => {
  const server = useServer(engine)

  /** Registers a client and gives it a secret, and works on its realm at two nodes. */
  const atTwoNodes = async (
    work: (given: {
      here: RealmContext
      there: RealmContext
      client: { dialect: string; id: string }
      secret: string
      rotate(overlapSeconds?: number): Promise<string>
    }) => Promise<void>,
  ) => {
    const [{ id }] = await jsonOf(server, ['client', 'add', 'pm2', '--redirect-uri', 'https://a.example/b'])
    const client = { dialect: 'pm2', id }
    await withRealm(server, (here) =>
      withRealm(server, async (there) => {
        const rotate = async (overlapSeconds?: number) =>
          (await rotateClientSecret(here, client, { overlapSeconds })) ?? assert.fail()
        const secret = await rotate()
        await reloadClients(there)
        await work({ here, there, client, secret, rotate })
      }),
    )
  }

  it('is good at once where it was made, and elsewhere once clients are read again; no other text is', async () => {
    await atTwoNodes(async ({ here, there, client, secret, rotate }) => {
      assert.equal(checkClientSecret(here, client, secret), true)
      for (const wrong of ['', `${secret} `, secret.toUpperCase(), secret.slice(1)])
        assert.equal(checkClientSecret(here, client, wrong), false)
      assert.equal(checkClientSecret(here, { ...client, id: 'nobody' }, secret), false)
      assert.equal(checkClientSecret(here, { ...client, dialect: 'vastly' }, secret), false)
      const next = await rotate()
      assert.deepEqual(
        [secret, next].map((shown) => checkClientSecret(here, client, shown)),
        [false, true],
      )
      await reloadClients(there)
      assert.deepEqual(
        [secret, next].map((shown) => checkClientSecret(there, client, shown)),
        [false, true],
      )
    })
  })

  it('stays good beside the new one for as long as was said, and the one before it does not', async () => {
    await atTwoNodes(async ({ here, there, client, secret, rotate }) => {
      const second = await rotate(week)
      const third = await rotate(week)
      await reloadClients(there)
      const areGood = () =>
        [here, there].map((ctx) =>
          [secret, second, third].map((shown) => checkClientSecret(ctx, client, shown)),
        )
      const both = (good: boolean[]) => [good, good]
      assert.deepEqual(areGood(), both([false, true, true]))
      server.clock.advance((week - 60) * 1000)
      assert.deepEqual(areGood(), both([false, true, true]))
      server.clock.advance(60_000)
      assert.deepEqual(areGood(), both([false, false, true]))
    })
  })

  it('has none before it when it is the first, and none at all where none was given', async () => {
    const [{ id }] = await jsonOf(server, ['client', 'add', 'pm2', '--redirect-uri', 'https://c.example/d'])
    await withRealm(server, async (ctx) => {
      const client = { dialect: 'pm2', id }
      assert.equal(checkClientSecret(ctx, client, ''), false)
      await rotateClientSecret(ctx, client, { overlapSeconds: week })
      const rows = await select(server.env.DATABASE_URL ?? '', `select * from clients where id = '${id}'`)
      assert.equal(rows[0]?.previous_secret_hash, null)
      assert.equal(checkClientSecret(ctx, client, ''), false)
    })
  })

  it('is shown by nothing that shows clients, and neither is its hash', async () => {
    await atTwoNodes(async ({ here, client, secret, rotate }) => {
      await rotate(week)
      const rows = await select(
        server.env.DATABASE_URL ?? '',
        `select * from clients where id = '${client.id}'`,
      )
      const hidden = [secret, rows[0]?.secret_hash, rows[0]?.previous_secret_hash].map(String)
      const shown = JSON.stringify([
        here.clients,
        await listClients(here),
        await jsonOf(server, ['client', 'list']),
      ])
      for (const text of hidden) assert.ok(!shown.includes(text) && !inspect(here.clients).includes(text))
    })
  })
})
