import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { useServer } from '../harness/harness.ts'

describe('requests of OpenID Connect that no app sends', () => {
  const server = useServer('sqlite')

  const post = (path: string, fields: Record<string, string>) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      body: new URLSearchParams(fields),
      redirect: 'manual',
    })

  for (const path of ['/oidc/authorize', '/oidc/logout'])
    it(`are refused at ${path} where they lead to an address that no proxy takes`, async () => {
      const led = await post(path, { state: 'x'.repeat(7_000) })
      assert.equal(led.status, 303)
      const refused = await post(path, { state: 'x'.repeat(8_000) })
      assert.equal(refused.status, 413)
      assert.deepEqual(await refused.json(), { error: 'payload_too_large' })
    })

  it("are led to the form for a device's code where its session is not there", async () => {
    for (const request of [
      post('/oidc/device', { user_code: 'BCDF-GHJK', xsrf: 'x' }),
      fetch(`${server.url}/oidc/device`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie: '__Host-manydoors-openid=x' },
        body: '{}',
        redirect: 'manual',
      }),
      fetch(`${server.url}/oidc/device/made-up`, { redirect: 'manual' }),
    ]) {
      const answer = await request
      assert.equal(answer.status, 303)
      assert.equal(answer.headers.get('location'), '/oidc/device')
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
    }
  })

  it('are answered in JSON where the realm does not have what they want', async () => {
    const answer = await post('/oidc/register', {})
    assert.equal(answer.status, 404)
    assert.deepEqual(await answer.json(), { error: 'route_not_found' })
  })
})
