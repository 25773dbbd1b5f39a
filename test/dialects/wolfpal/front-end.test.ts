import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { mailCausedBy, queryOf, type RequestOptions, useServer } from '../../harness/harness.ts'
import {
  assertCode,
  assertFieldsRefused,
  assertUnauthorized,
  login,
  refresh,
  register,
  registerAndSignIn,
  signIn,
  whoAmI,
} from './door.ts'

// What WolfPal's own front end sends, and where it looks for the answer. Its proxy cuts `/api` off.
describe('the front end of wolfpal', () => {
  const server = useServer('sqlite')
  const send = (method: string, path: string, options?: RequestOptions) =>
    server.request(method, path, options)

  it('lists the devices, tells the own one from the others, and signs one out', async () => {
    const person = await registerAndSignIn(server)
    const other = await signIn(server, person)
    const { sessions, total } = (await send('GET', '/account/sessions', { bearer: person.access })).body
    assert.equal(total, 2)
    const current = createHash('sha512').update(person.access).digest('hex')
    const [own, another] = [sessions[1], sessions[0]]
    assert.deepEqual([own.accessTokenHash === current, another.accessTokenHash === current], [true, false])
    assert.deepEqual([own.device.isDev, own.location], [false, 'unknown'])

    const revoked = await send('DELETE', `/account/sessions/${another._id}`, { bearer: person.access })
    assertCode(revoked, 200, 'SESSION_REVOKED', 'Session has been revoked.')
    assertUnauthorized(await whoAmI(server, other.access))
    assert.equal((await whoAmI(server, person.access)).status, 200)
  })

  it('signs all devices out, and nobody else’s', async () => {
    const person = await registerAndSignIn(server)
    const stranger = await registerAndSignIn(server)
    const foreign = (await send('GET', '/account/sessions', { bearer: stranger.access })).body.sessions[0]._id
    const refused = await send('DELETE', `/account/sessions/${foreign}`, { bearer: person.access })
    assertCode(refused, 404, 'SESSION_NOT_FOUND', 'Session not found.')

    const revoked = await send('DELETE', '/account/sessions', { bearer: person.access })
    assertCode(revoked, 200, 'ALL_SESSIONS_REVOKED', 'All Sessions has been revoked.')
    assertUnauthorized(await refresh(server, person.refresh))
    assert.equal((await whoAmI(server, stranger.access)).status, 200)
  })

  it('asks for a reset link with a slash at the end, and is told what is wrong by the names that it sends', async () => {
    const person = await register(server)
    const { links } = await mailCausedBy(server, { to: person.email, subject: /new password/ }, async () => {
      const asked = await send('POST', '/user/forgot-password/', { json: { email: person.email } })
      assert.equal(asked.body.code, 'PENDING_CONFIRMATION')
    })
    const path = `/user/reset-password/${queryOf(links[0], 'token')}`
    const password = 'another password altogether'
    const device = { os: 'Linux', browser: 'Firefox' }
    const differs = { json: { password, comfirmPassword: 'something else', device } }
    assertFieldsRefused(await send('POST', path, differs), { comfirmPassword: 'NO_MATCH' })
    const done = await send('POST', path, { json: { password, comfirmPassword: password, device } })
    assert.deepEqual([done.status, done.body.code], [200, 'UPDATED'])
    assert.equal((await login(server, { ...person, password })).status, 200)
  })

  it('is told in the words of the door what is not there', async () => {
    const { access: bearer } = await registerAndSignIn(server)
    for (const [method, path] of [
      ['GET', '/account/two-factor/backup-codes'],
      ['PUT', '/account/change-username'],
      ['POST', '/account/change-email'],
    ] as const)
      assertCode(
        await send(method, path, { bearer }),
        404,
        404,
        'Whoops, this resource or route could not be found',
      )
  })
})
