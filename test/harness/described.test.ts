import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assertDescribed } from './described.ts'
import { freshEmail, useServer } from './harness.ts'

describe('an answer that is held against the document of its door', () => {
  const server = useServer('sqlite')

  it('fails with a field, a status, a type or a header that is not described', async () => {
    const json = { email: freshEmail(), password: '12345678' }
    const { status, headers, text } = await server.request('POST', '/api/co/auth/sign-up', { json })
    const url = `${server.url}/api/co/auth/sign-up`
    const hold = (changed: object, method = 'POST') =>
      assertDescribed(url, { method, headers: {} }, { status, headers, text, ...changed })
    await hold({})
    // There is no such route, so there is nothing to hold it against.
    await hold({ status: 299 }, 'DELETE')
    await assert.rejects(hold({ text: JSON.stringify({ ...JSON.parse(text), more: 1 }) }), /otherwise than/)
    await assert.rejects(hold({ status: 299 }), /does not describe/)
    const withHeader = (name: string, value: string) => {
      const changed = new Headers(headers)
      changed.set(name, value)
      return changed
    }
    await assert.rejects(hold({ headers: withHeader('content-type', 'text/plain') }), /of type text\/plain/)
    await assert.rejects(hold({ headers: withHeader('retry-after', '1') }), /with retry-after/)
  })
})
