import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { statusesOf } from '../contract/support.ts'
import { adapters } from '../dialects/adapters.ts'
import { useServer } from '../harness/harness.ts'

describe('a preflight', () => {
  const server = useServer('sqlite')
  const preflight = (path: string, headers: Record<string, string>) =>
    server.request('OPTIONS', path, {
      headers: { 'access-control-request-method': 'GET', ...headers },
    })

  it('that asks for no header is told of none', async () => {
    for (const { prefixes, origin, routes } of adapters) {
      const path = routes.find(({ path }) => !path.includes(':'))?.path ?? prefixes[0] ?? ''
      const answer = await preflight(path, { origin })
      assert.equal(answer.status, 204, path)
      assert.equal(answer.headers.get('access-control-allow-origin'), origin)
      assert.ok(answer.headers.get('access-control-allow-methods'))
      assert.equal(answer.headers.has('access-control-allow-headers'), false)
    }
  })

  it('for the public keys is answered to every origin, without credentials', async () => {
    const path = '/.well-known/jwks.json'
    for (const origin of ['https://anybody.example', 'null']) {
      const asked = { origin, 'access-control-request-headers': 'x-of-their-own' }
      const { status, headers } = await preflight(path, asked)
      assert.equal(status, 204)
      assert.equal(headers.get('access-control-allow-origin'), '*')
      assert.equal(headers.get('access-control-allow-headers'), 'x-of-their-own')
      assert.match(headers.get('access-control-allow-methods') ?? '', /\bGET\b/)
      assert.equal(headers.has('access-control-allow-credentials'), false)
      const keys = await server.request('GET', path, { headers: { origin } })
      assert.equal(keys.headers.get('access-control-allow-origin'), '*')
    }
    const { headers } = await preflight(path, { origin: 'https://anybody.example' })
    assert.equal(headers.has('access-control-allow-headers'), false)
  })
})

describe('refusals that no route has given', () => {
  const server = useServer('sqlite')

  it('are readable to a registered origin, and to no other', async () => {
    for (const dialect of adapters) {
      const { prefixes, origin } = dialect
      const { unknownPath, unreadable } = statusesOf(dialect)
      // The first one alone: some are shared, and those are answered for another dialect.
      for (const path of [`${prefixes[0]}/no-such-thing`, `${prefixes[0]}/%zz`]) {
        const registered = await server.request('GET', path, { headers: { origin } })
        assert.ok([unknownPath, unreadable].includes(registered.status), registered.text)
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
