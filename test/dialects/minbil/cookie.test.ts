import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Answer, freshEmail, useServer } from '../../harness/harness.ts'
import { assertRefreshRefused, password, post, refresh, signIn, signUp } from './door.ts'

describe('the cookie of minbil', () => {
  const server = useServer('sqlite')

  it('is set at sign-in and at refresh, out of reach of scripts and other sites', async () => {
    const email = freshEmail()
    await signUp(server, email)
    const signedIn = await post(server, '/sign-in', { json: { email, password } })
    const refreshed = await refresh(server, { body: signedIn.body.refresh_token })
    for (const answer of [signedIn, refreshed]) {
      const { name, value, attributes } = onlyCookie(answer)
      assert.equal(value, answer.body.refresh_token)
      const { expires, ...others } = attributes
      assert.deepEqual(others, { path: '/api/co/auth', httponly: '', secure: '', samesite: 'Strict' })
      assert.ok(Date.parse(expires ?? '') > server.clock.now(), 'it outlives the browser')
      assert.equal(name, onlyCookie(signedIn).name)
    }
  })

  it('is cleared at sign-out, with the same attributes', async () => {
    const email = freshEmail()
    await signUp(server, email)
    const signedIn = await post(server, '/sign-in', { json: { email, password } })
    const out = await post(server, '/sign-out', { bearer: signedIn.body.access_token })
    const { name, value, attributes } = onlyCookie(out)
    assert.equal(name, onlyCookie(signedIn).name)
    assert.equal(value, '')
    const { expires, 'max-age': maxAge, ...others } = attributes
    assert.deepEqual(others, { path: '/api/co/auth', httponly: '', secure: '', samesite: 'Strict' })
    assert.equal(Date.parse(expires ?? ''), 0)
    assert.equal(maxAge, '0')
  })

  it('is set by no refusal and by nothing that opens no session', async () => {
    const email = freshEmail()
    await signUp(server, email)
    const { cookie } = await signIn(server, email)
    const answers = [
      await post(server, '/sign-in', { json: { email, password: 'wrong-password' } }),
      await post(server, '/forgot-password', { json: { email }, headers: { cookie } }),
      await post(server, '/reset-password', { json: { token: 'x', password }, headers: { cookie } }),
    ]
    for (const answer of answers) assert.deepEqual(answer.headers.getSetCookie(), [])
  })

  it('is enough beside what scripts write that have no token', async () => {
    const email = freshEmail()
    await signUp(server, email)
    let { cookie } = await signIn(server, email)
    for (const refresh_token of ['undefined', 'null', '', null]) {
      const answer = await post(server, '/refresh', { json: { refresh_token }, headers: { cookie } })
      assert.equal(answer.status, 200, answer.text)
      cookie = answer.cookies[0] ?? ''
    }
    assertRefreshRefused(await refresh(server, { body: 'none', cookie }))
    assertRefreshRefused(await refresh(server, { body: 'undefined' }))
  })

  it('does not sign anybody out who comes with a used one', async () => {
    const email = freshEmail()
    await signUp(server, email)
    const [left, stays] = [await signIn(server, email), await signIn(server, email)]
    await post(server, '/sign-out', { bearer: left.access })
    assertRefreshRefused(await refresh(server, { cookie: left.cookie }))
    assert.equal((await refresh(server, { cookie: stays.cookie })).status, 200)
  })
})

interface SetCookie {
  name: string
  value: string
  /** By their names in small letters. */
  attributes: Record<string, string>
}

function onlyCookie(answer: Answer): SetCookie {
  const [header = '', ...others] = answer.headers.getSetCookie()
  assert.deepEqual(others, [])
  const [[name, value] = ['', ''], ...attributes] = header.split('; ').map((part): [string, string] => {
    const [name = '', value = ''] = part.split('=')
    return [name, value]
  })
  return {
    name,
    value,
    attributes: Object.fromEntries(attributes.map(([name, value]) => [name.toLowerCase(), value])),
  }
}
