import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { statusesOf } from '../contract/support.ts'
import { adapters } from '../dialects/adapters.ts'
import { password, post, signIn, signUp } from '../dialects/minbil/door.ts'
import { type Answer, freshEmail, useServer } from '../harness/harness.ts'
import { linesOf } from '../harness/log-lines.ts'

describe('one slash at the end of a path', () => {
  const server = useServer('sqlite', { env: { MANYDOORS_LOG_REQUESTS: 'true' } })

  it('is ignored by every route of every door and page, and two are not', async () => {
    const routes = server.routes.filter(({ method, path }) => path !== '/' && method !== 'HEAD')
    assert.ok(routes.some(({ path }) => path.startsWith('/ui/')) && routes.length > 100)
    for (const { method, path, dialect } of routes) {
      const door = adapters.find(({ name }) => name === dialect)
      const label = `${method} ${path}`
      const ask = (end: string) => server.request(method, `${path.replaceAll(/:\w+/g, 'x')}${end}`)
      const [plain, withSlash, withTwo] = [await ask(''), await ask('/'), await ask('//')]
      assert.equal(withSlash.status, plain.status, label)
      assert.equal(withSlash.headers.get('content-type'), plain.headers.get('content-type'), label)
      assert.equal(withTwo.status, door ? statusesOf(door).unknownPath : 404, label)
      assert.equal(await routeOf(withSlash), path, label)
    }
  })

  it('is ignored before a query, too', async () => {
    assert.equal((await server.request('GET', '/ui/verify-email-done/?utm_source=x')).status, 200)
    assert.equal((await server.request('GET', '/.well-known/jwks.json/?x')).status, 200)
  })

  it('may follow whatever the path holds', async () => {
    const form = { password, confirmPassword: password }
    const ask = (path: string) => server.request('POST', `/user/reset-password/${path}`, { form })
    for (const path of ['x', 'x/']) {
      const { status, body } = await ask(path)
      assert.deepEqual([status, body.code], [400, 'EXPIRED_OR_ALREADY_USED'])
    }
    assert.equal((await ask('x//')).status, 404)
  })

  it('is refused in the words of the door that was meant where there is no such route', async () => {
    for (const adapter of adapters)
      for (const prefix of adapter.prefixes)
        for (const path of [`${prefix}/nowhere/`, `${prefix}/nowhere//`])
          adapter.assertError(await server.request('POST', path), statusesOf(adapter).unknownPath)
  })

  it('signs in, as without it', async () => {
    const email = freshEmail()
    await signUp(server, email)
    const answer = await post(server, '/sign-in/', { json: { email, password } })
    assert.equal(answer.body.message, 'Login successful.')
    const { access } = await signIn(server, email)
    assert.equal((await post(server, '/sign-out/', { bearer: access })).status, 200)
  })

  /** The route that took a request, as its line in the log says. */
  async function routeOf({ headers }: Answer): Promise<unknown> {
    const id = headers.get('x-request-id')
    const [line] = await linesOf(server, ({ msg, requestId }) => msg === 'request' && requestId === id)
    return line?.route
  }
})
