import assert from 'node:assert/strict'
import { it } from 'node:test'
import { adapters } from '../dialects/adapters.ts'
import { onEveryEngine, useServer } from '../harness.ts'

onEveryEngine('refusals that no route has given', (engine) => {
  const server = useServer(engine)

  it('are readable to a registered origin, and to no other', async () => {
    for (const { prefixes, origin } of adapters) {
      // The first one alone: some are shared, and those are answered for another dialect.
      for (const path of [`${prefixes[0]}/no-such-thing`, `${prefixes[0]}/%zz`]) {
        const registered = await server.request('GET', path, { headers: { origin } })
        assert.ok([400, 404].includes(registered.status), registered.text)
        assert.equal(registered.headers.get('access-control-allow-origin'), origin)
        assert.equal(registered.headers.get('access-control-allow-credentials'), 'true')
        assert.match(registered.headers.get('vary') ?? '', /Origin/)

        for (const headers of [{ origin: 'https://evil.example' }, undefined]) {
          const other = await server.request('GET', path, { headers })
          assert.equal(other.headers.get('access-control-allow-origin'), null)
          assert.match(other.headers.get('vary') ?? '', /Origin/)
        }
      }
    }
  })
})
