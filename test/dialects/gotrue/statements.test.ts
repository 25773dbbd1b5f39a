import assert from 'node:assert/strict'
import { it } from 'node:test'
import { onEveryEngine, useServer } from '../../harness/harness.ts'
import { scrape } from '../../observability/scrape.ts'
import { codeAt } from '../wolfpal/door.ts'
import { enrol, openWithFactor, send, signIn, tokensOf, verify } from './factors.ts'

const times = 20

onEveryEngine('statements at gotrue', (engine) => {
  const server = useServer(engine)

  /** How many SELECTs each of so many runs takes; what the server does of its own accord besides is fewer than these runs. */
  const selectsOf = async (run: () => Promise<void>) => {
    const count = async () =>
      (await scrape(server.url)).sum('manydoors_database_statement_duration_seconds_count', {
        engine,
        statement: 'select',
      })
    const before = await count()
    for (let time = 0; time < times; time++) await run()
    return Math.floor(((await count()) - before) / times)
  }

  it('read the account, its factors and its change of address once for an answer with a session', async () => {
    const person = await openWithFactor(server, 'Phone')
    const tablet = await enrol(server, person.access, 'Tablet')
    const second = tokensOf(await verify(server, person.access, tablet.id, codeAt(server, tablet.secret)))
    let { refresh } = second
    const refreshed = await selectsOf(async () => {
      const json = { refresh_token: refresh }
      const { status, body, text } = await send(server, 'POST', '/token?grant_type=refresh_token', { json })
      assert.equal(status, 200, text)
      assert.deepEqual(
        body.user.factors.map(({ friendly_name: name }: { friendly_name: string }) => name),
        ['Phone', 'Tablet'],
      )
      refresh = body.refresh_token
    })
    assert.equal(refreshed, 3)
  })

  it('read whoever asks, the factors and the change for the answer to GET /user', async () => {
    const { access } = await signIn(server, await openWithFactor(server))
    const asked = await selectsOf(async () => {
      const { body } = await send(server, 'GET', '/user', { bearer: access })
      assert.equal(body.factors.length, 1)
    })
    assert.equal(asked, 3)
  })
})
