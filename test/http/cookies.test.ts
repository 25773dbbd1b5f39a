import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assertRefused } from '../contract/refusals.ts'
import { credebl } from '../dialects/credebl/adapter.ts'
import { minbil } from '../dialects/minbil/adapter.ts'
import { password, post, refresh, signIn, signUp } from '../dialects/minbil/door.ts'
import { pm2 } from '../dialects/pm2/adapter.ts'
import { beginLogin, register } from '../dialects/pm2/door.ts'
import { mailVerification } from '../harness/doors.ts'
import { freshEmail, useServer } from '../harness/harness.ts'
import { assertPage } from '../pages/page.ts'

// A sibling host can set a cookie for the whole domain: then browsers send two of one name.
describe('a cookie that comes with two values', () => {
  const server = useServer('sqlite')
  const twice = (cookie: string, value: string) => {
    const tossed = `${cookie.split('=')[0]}=${value}`
    return [`${cookie}; ${tossed}`, `${tossed}; ${cookie}`, `a=b;${tossed};${cookie}`]
  }

  it('neither refreshes nor ends a session at minbil', async () => {
    const [email, other] = [freshEmail(), freshEmail()]
    for (const one of [email, other]) await signUp(server, one)
    const [mine, tossed] = [await signIn(server, email), await signIn(server, other)]
    for (const value of [tossed.refresh, 'x', '', '%'])
      for (const cookie of twice(mine.cookie, value))
        assertRefused(minbil, await post(server, '/refresh', { headers: { cookie } }), 400)
    for (const { cookie } of [mine, tossed]) assert.equal((await refresh(server, { cookie })).status, 200)
  })

  it('counts as one when both are the same', async () => {
    const email = freshEmail()
    await signUp(server, email)
    const { cookie } = await signIn(server, email)
    assert.equal((await refresh(server, { cookie: `${cookie}; a=b; ${cookie}` })).status, 200)
  })

  it('is ignored by who needs no cookie', async () => {
    const email = freshEmail()
    await signUp(server, email)
    const { cookie } = await signIn(server, email)
    const [tossed = ''] = twice(cookie, 'x')
    const answer = await post(server, '/sign-in', { json: { email, password }, headers: { cookie: tossed } })
    assert.equal(answer.status, 200, answer.text)
  })

  it('continues no login, at the door and on its pages', async () => {
    const login = await beginLogin(server)
    const { username, password } = await register(server)
    for (const cookie of twice(login, await beginLogin(server).then((other) => other.split('=')[1] ?? ''))) {
      const headers = { cookie }
      const json = { username, password }
      assertRefused(pm2, await server.request('POST', '/api/oauth/login', { json, headers }), 400)
      assertPage(await server.request('GET', '/ui/sign-in', { headers }), 400)
      assertPage(await server.request('POST', '/ui/sign-in', { form: json, headers }), 400)
      assertPage(await server.request('GET', '/ui/forgot-password', { headers }), 400)
      assertPage(await server.request('GET', '/api/oauth/authorize/done?code=x', { headers }), 400)
    }
    assert.equal((await server.request('GET', '/ui/sign-in', { headers: { cookie: login } })).status, 303)
  })

  it('signs nobody up at credebl, and leaves the proof valid', async () => {
    const email = freshEmail()
    const verificationCode = await mailVerification(server, email)
    const query = new URLSearchParams({ email, verificationCode })
    const { cookies } = await server.request('GET', `/auth/verify?${query}`)
    const [proof = ''] = cookies
    const json = { email, password, firstName: 'Ada', lastName: 'Example' }
    for (const cookie of twice(proof, '0'.repeat(64)))
      assertRefused(credebl, await server.request('POST', '/auth/signup', { json, headers: { cookie } }), 400)
    const answer = await server.request('POST', '/auth/signup', { json, headers: { cookie: proof } })
    assert.equal(answer.status, 201, answer.text)
  })
})

describe('a cookie of minbil', () => {
  const server = useServer('sqlite')

  it('has one encoding', async () => {
    const email = freshEmail()
    await signUp(server, email)
    const { cookie } = await signIn(server, email)
    const [name, value = ''] = cookie.split('=')
    const first = `%${value.charCodeAt(0).toString(16)}${value.slice(1)}`
    for (const spelled of [first, `"${value}"`, `${value}=`, `${value}.`])
      assert.equal((await refresh(server, { cookie: `${name}=${spelled}` })).status, 401, spelled)
    assert.equal((await refresh(server, { cookie })).status, 200)
  })

  it('refreshes although the body or the header has an empty token', async () => {
    const email = freshEmail()
    await signUp(server, email)
    let { cookie } = await signIn(server, email)
    for (const nothing of ['undefined', 'null', '', null]) {
      const json = { refresh_token: nothing }
      const headers = { cookie, authorization: `Bearer ${nothing}` }
      const answer = await post(server, '/refresh', { json, headers })
      assert.equal(answer.status, 200, `${nothing} ${answer.text}`)
      cookie = answer.cookies[0] ?? ''
    }
    for (const nothing of ['undefined', 'null'])
      assertRefused(minbil, await post(server, '/refresh', { json: { refresh_token: nothing } }), 401)
  })
})
