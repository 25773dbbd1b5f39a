import assert from 'node:assert/strict'
import { join } from 'node:path'
import { it } from 'node:test'
import { claimsOf, freshEmail, mailCausedBy, onEveryEngine, queryOf, useServer } from '../harness/harness.ts'
import { codeIn } from './gotrue/mails.ts'
import { codeAt, nextCode } from './wolfpal/door.ts'

const module = join(import.meta.dirname, '..', '..', 'examples', 'acme-grown', 'index.ts')
const serviceKey = 'a service key of thirty-two characters'.replaceAll(' ', '-')
const password = 'four words and blanks'

/** What a door may have that lies outside, as `examples/acme-grown` has it. */
onEveryEngine('a large door from outside', (engine) => {
  const server = useServer(engine, {
    // JSON is YAML.
    yaml: JSON.stringify({
      dialects: { acme: { module } },
      realms: { main: { dialects: { acme: { serviceKeys: [serviceKey] } } } },
    }),
  })
  const ask = (method: string, path: string, bearer?: string, json?: object) =>
    server.request(method, `/acme${path}`, { bearer, json })
  const mailTo = (email: string) =>
    mailCausedBy(server, { to: email, subject: /^Sign in to/ }, async () => {
      const answer = await ask('POST', '/mails', undefined, { email })
      assert.deepEqual([answer.status, answer.body], [202, {}])
    })
  const openPerson = async () => {
    const email = freshEmail()
    assert.equal((await ask('POST', '/users', undefined, { email, password })).status, 201)
    const { body } = await ask('POST', '/sessions', undefined, { email, password })
    return { email, access: body.accessToken as string }
  }

  it('signs in by the link or the code of a mail, each once', async () => {
    const email = freshEmail()
    const [byLink, byCode] = [await mailTo(email), await mailTo(email)]
    const old = { token: queryOf(byLink.links[0], 'token') }
    const wrong = { email, code: codeIn(byCode) === '000000' ? '000001' : '000000' }
    for (const json of [old, { token: 'none' }, wrong, {}])
      assert.equal((await ask('POST', '/mails/shown', undefined, json)).status, 400, JSON.stringify(json))
    const code = { email, code: codeIn(byCode) }
    const shown = await ask('POST', '/mails/shown', undefined, code)
    assert.equal(shown.status, 200, shown.text)
    assert.equal((await ask('GET', '/me', shown.body.accessToken)).body.user.email, email)
    assert.equal((await ask('POST', '/mails/shown', undefined, code)).status, 400)
    const token = queryOf((await mailTo(email)).links[0], 'token')
    assert.equal((await ask('POST', '/mails/shown', undefined, { token })).status, 200)
    assert.equal((await ask('POST', '/mails/shown', undefined, { token })).status, 400)
  })

  it('has a session show its second factor later, and says so in tokens of its own form', async () => {
    const { email, access } = await openPerson()
    const begun = await ask('POST', '/factors', access, { name: 'Phone' })
    assert.deepEqual([begun.status, Object.keys(begun.body)], [201, ['id', 'secret', 'uri']])
    const { id, secret } = begun.body
    const listed = async (bearer: string) => (await ask('GET', '/factors', bearer)).body.factors
    assert.deepEqual(await listed(access), [{ id, name: 'Phone', isConfirmed: false }])
    const code = codeAt(server, secret)
    const first = await ask('POST', `/factors/${id}/shown`, access, { code })
    assert.equal(first.status, 200, first.text)
    const { iss, aud, level, email: said } = claimsOf(first.body.accessToken)
    assert.deepEqual([iss, aud, level, said], ['http://localhost:5000/acme', 'acme-api', 2, email])

    const { body: other } = await ask('POST', '/sessions', undefined, { email, password })
    assert.equal(claimsOf(other.accessToken).level, 1)
    const rename = (bearer: string) => ask('PUT', '/me', bearer, { nickname: 'Ada' })
    assert.equal((await rename(other.accessToken)).body.error.code, 'second_factor_needed')
    const next = await ask('POST', `/factors/${id}/shown`, other.accessToken, {
      code: nextCode(server, secret),
    })
    assert.equal(claimsOf(next.body.accessToken).level, 2)
    assert.deepEqual((await rename(next.body.accessToken)).body, { nickname: 'Ada' })
    assert.deepEqual(await listed(next.body.accessToken), [{ id, name: 'Phone', isConfirmed: true }])
  })

  it('lets a back end manage accounts by a service key, and nobody else', async () => {
    const { email, access } = await openPerson()
    const { body: me } = await ask('GET', '/me', access)
    for (const [bearer, status] of [
      [undefined, 401],
      [`${serviceKey}x`, 401],
      [access, 403],
    ] as const) {
      assert.equal((await ask('GET', '/managed/users', bearer)).status, status)
      assert.equal((await ask('DELETE', `/managed/users/${me.user.id}`, bearer)).status, status)
    }
    const { users, total } = (await ask('GET', '/managed/users', serviceKey)).body
    assert.deepEqual(users[0], { id: me.user.id, email })
    assert.equal(total, users.length)
    assert.equal((await ask('DELETE', `/managed/users/${me.user.id}`, serviceKey)).status, 204)
    assert.equal((await ask('GET', '/me', access)).status, 401)
    assert.equal((await ask('DELETE', `/managed/users/${me.user.id}`, serviceKey)).status, 404)
  })

  it('words a refusal as the request asks for', async () => {
    const current = await ask('GET', '/me')
    assert.deepEqual([current.status, Object.keys(current.body)], [401, ['error']])
    const headers = { 'x-acme-version': '1' }
    const old = await server.request('GET', '/acme/me', { headers })
    assert.deepEqual([old.status, old.body], [401, { code: 'not_signed_in', message: 'Sign in first.' }])
    assert.equal(old.headers.get('x-acme-version'), '1')
  })
})
