import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { untilLimited } from '../../contract/support.ts'
import { type Answer, freshEmail, useServer } from '../../harness/harness.ts'
import {
  app,
  assertBody,
  assertFail,
  freshPhone,
  headersOf,
  linkSent,
  mailedToken,
  password,
  post,
  register,
  resetByMail,
  texts,
  tokenOf,
} from './door.ts'

describe('vastly, whatever is sent', () => {
  const server = useServer('sqlite')
  const json = { 'content-type': 'application/json' }

  it('ignores fields that it does not know, and a bad Authorization header', async () => {
    const email = freshEmail()
    for (const authorization of ['Bearer null', 'Bearer nonsense', 'Basic eDp5']) {
      const headers = { authorization }
      await register(server, { email: freshEmail() })
      const body = { email, password, passwordConfirm: password, remember: { me: true }, token: 5 }
      const answer = await post(server, '/register', { json: body, headers })
      assert.ok(answer.status === 201 || answer.status === 409, answer.text)
      tokenOf(await post(server, '/login', { json: body, headers }))
      assertBody(await post(server, '/forgotpass', { json: body, headers }), 200, linkSent)
    }
  })

  it('reads urlencoded bodies as it reads JSON', async () => {
    const [email, mobile] = [freshEmail(), freshPhone()]
    tokenOf(
      await post(server, '/register', { form: { email, mobile, password, passwordConfirm: password } }),
      201,
    )
    tokenOf(await post(server, '/login', { form: { email, password } }))
    tokenOf(await post(server, '/login', { form: { email: '', mobile, password } }))
    const token = await mailedToken(server, email)
    tokenOf(await post(server, '/resetpass', { form: { token, password, passwordConfirm: password } }))
  })

  it('takes null and empty text for fields that may be left out', async () => {
    const email = freshEmail()
    for (const mobile of [null, ''])
      await post(server, '/register', { json: { email, mobile, password, passwordConfirm: password } })
    tokenOf(await post(server, '/login', { json: { email, mobile: null, password } }))
  })

  it('takes an empty body that is labelled as JSON', async () => {
    const bearer = await register(server, { email: freshEmail() })
    const answer = await post(server, '/logout', { raw: '', headers: json, bearer })
    assert.equal(answer.status, 200, answer.text)
  })

  it('refuses bodies that it cannot read, and says no more than that they are no JSON', async () => {
    for (const raw of ['{"email": ', 'email=x'])
      assertFail(await post(server, '/login', { raw, headers: json }), 400, 'The request is not valid JSON')
    for (const raw of ['[]', '"text"', '5'])
      assertFail(await post(server, '/login', { raw, headers: json }), 400, 'The request could not be read')
    const plain = await post(server, '/login', { raw: 'x', headers: { 'content-type': 'text/plain' } })
    assertFail(plain, 415, 'Send application/json or application/x-www-form-urlencoded')
    const large = await post(server, '/login', { json: { email: 'x'.repeat(64 * 1024) } })
    assertFail(large, 413, 'The request is too large')
  })

  it('answers unknown routes below its prefix in its own words', async () => {
    for (const [method, path] of [
      ['GET', '/nowhere'],
      ['POST', '/nowhere'],
      ['GET', '/login'],
      ['POST', '/me'],
      ['DELETE', '/logout'],
      ['POST', ''],
    ] as const) {
      const answer = await server.request(method, `/api/v1/auth${path}`, { headers: headersOf(app) })
      assertFail(answer, 404, 'There is nothing here')
    }
  })
})

describe('vastly with limits', () => {
  const server = useServer('sqlite', { limits: 'real' })

  const assertLimited = (answer: Answer) => assertFail(answer, 429, texts.limited)

  it('limits wrong passwords, by e-mail address and by number, known or not', async () => {
    const [email, mobile] = [freshEmail(), freshPhone()]
    await register(server, { email, mobile })
    for (const identifier of [{ email }, { mobile }, { email: freshEmail() }, { mobile: freshPhone() }]) {
      const json = { ...identifier, password: 'wrong-password' }
      assertLimited(await untilLimited(() => post(server, '/login', { json }), 401))
    }
    assertLimited(await post(server, '/login', { json: { email, password } }))
  })

  it('limits reset mails, known and unknown accounts alike', async () => {
    const known = freshEmail()
    await register(server, { email: known })
    for (const email of [known, freshEmail()])
      assertLimited(await untilLimited(() => post(server, '/forgotpass', { json: { email } }), 200))
  })

  it('limits links that are no good', async () => {
    assertLimited(await untilLimited(() => resetByMail(server, { token: '0'.repeat(64) }), 400))
  })

  it('limits questions for what is taken', async () => {
    const json = { email: freshEmail(), password, passwordConfirm: password }
    await post(server, '/register', { json })
    assertLimited(await untilLimited(() => post(server, '/register', { json }), 409))
  })
})
