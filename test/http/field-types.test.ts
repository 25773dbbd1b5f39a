import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { post as postToCredebl } from '../dialects/credebl/door.ts'
import { app, headersOf } from '../dialects/vastly/door.ts'
import { register } from '../harness/doors.ts'
import { freshEmail, useServer } from '../harness/harness.ts'

describe('a field', () => {
  const server = useServer('sqlite')
  const email = 'a@b.example'
  const passwords = { password: '12345678', passwordConfirm: '12345678' }

  for (const [path, right, field, missing, notText] of [
    [
      '/api/v1/auth/resetpass',
      { token: 'x', ...passwords },
      'token',
      'Token is required',
      'Token must be text',
    ],
    [
      '/api/v1/auth/resetpass/mobile',
      { token: '123456', ...passwords },
      'token',
      'Token is required',
      'Token must be text',
    ],
    ['/api/co/auth/sign-in', { email }, 'password', 'A password is required.', 'The password must be text.'],
    [
      '/api/co/auth/reset-password',
      { password: 'x' },
      'token',
      'A token is required.',
      'The token must be text.',
    ],
    ['/auth/signin', { email }, 'password', 'Password is required.', 'Password must be text.'],
    ['/auth/refresh-token', {}, 'refreshToken', 'refreshToken is required.', 'refreshToken must be text.'],
    [
      '/api/oauth/token',
      { client_id: 'x' },
      'refresh_token',
      'refresh_token is required.',
      'refresh_token must be text.',
    ],
    ['/api/auth/login', { email }, 'password', 'Password is required.', 'Password is invalid.'],
  ] as [string, object, string, string, string][]) {
    it(`${field} of ${path} that is not text is refused as such, and not as missing`, async () => {
      const answerTo = async (value: unknown) => {
        const json = { ...right, [field]: value }
        const { status, text } = await server.request('POST', path, { json, headers: headersOf(app) })
        assert.equal(status, 400, text)
        return text
      }
      for (const wrong of [123456, 0, true, false, { x: 1 }, ['x']]) {
        const text = await answerTo(wrong)
        assert.ok(
          text.includes(`"${notText}"`) && !text.includes(missing),
          `${JSON.stringify(wrong)}: ${text}`,
        )
      }
      for (const absent of [undefined, null, '']) {
        const text = await answerTo(absent)
        assert.ok(text.includes(`"${missing}"`) && !text.includes(notText), text)
      }
    })
  }

  it('isPasswordEncrypted accepts 0 and 1 besides booleans, and nothing else', async () => {
    const { email, password } = await register(server, { email: freshEmail(), password: 'Password1!' })
    const signIn = (isPasswordEncrypted: unknown) =>
      postToCredebl(server, '/signin', { json: { email, password, isPasswordEncrypted } })
    // Without a key nothing is decrypted, whatever is said of it.
    for (const value of [0, 1, '0', '1', 'true', 'false', true, false])
      assert.equal((await signIn(value)).status, 200, String(value))
    for (const value of [2, -1, 0.5, 'yes', 'TRUE', [], {}])
      assert.deepEqual((await signIn(value)).body.message, ['isPasswordEncrypted should be true or false'])
  })

  it('that is repeated in JSON is refused, in any case and at any depth', async () => {
    const send = async (raw: string) => {
      const headers = { 'content-type': 'application/json', ...headersOf(app) }
      return server.request('POST', '/api/co/auth/sign-in', { raw, headers })
    }
    const twice = [
      '{"email":"a@b.example","password":"x","email":"c@d.example"}',
      '{"email":"a@b.example","\\u0065mail":"c@d.example","password":"x"}',
      '{"email":"a@b.example","password":"x","other":[{"a":1,"a":2}]}',
      '{"__proto__":1,"__proto__":2}',
    ]
    for (const raw of twice) {
      const { status, body } = await send(raw)
      assert.deepEqual([status, body.message], [400, 'The request names a field twice.'], raw)
    }
    const once = [
      '{"email":"a@b.example","password":":\\"\\\\","other":{"email":{"email":[{"email":1},{"email":2}]}}}',
      '\ufeff {"email":"a@b.example" , "password" : "{\\"a\\":1,\\"a\\":2}", "":":", "__proto__":{"a":1}}',
    ]
    for (const raw of once) assert.equal((await send(raw)).status, 401, raw)
  })
})
