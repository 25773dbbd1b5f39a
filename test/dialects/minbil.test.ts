import assert from 'node:assert/strict'
import { it } from 'node:test'
import { freshEmail, onEveryEngine, useServer } from '../harness.ts'

onEveryEngine('minbil', (engine) => {
  const server = useServer(engine)

  it('signs up and in', async () => {
    const email = freshEmail()
    const up = await server.request('POST', '/api/co/auth/sign-up', { json: { email, password: '12345678' } })
    assert.equal(up.status, 201)
    const signedIn = await server.request('POST', '/api/co/auth/sign-in', {
      json: { email, password: '12345678' },
    })
    assert.equal(signedIn.status, 200)
    const out = await server.request('POST', '/api/co/auth/sign-out', { bearer: signedIn.body.access_token })
    assert.deepEqual(out.body, { message: 'Sign-out successful.' })
  })
})
