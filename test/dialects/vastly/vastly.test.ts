import assert from 'node:assert/strict'
import { it } from 'node:test'
import { claimsOf, freshEmail, onEveryEngine, useServer } from '../../harness/harness.ts'
import {
  another,
  app,
  assertBody,
  assertFail,
  freshPhone,
  logIn,
  me,
  otherApp,
  password,
  post,
  register,
  texts,
  tokenOf,
} from './door.ts'

onEveryEngine('vastly', (engine) => {
  const server = useServer(engine)

  it('opens an account by e-mail address, by mobile number or by both, and hands out a token', async () => {
    for (const identifier of [
      { email: freshEmail() },
      { mobile: freshPhone() },
      { email: freshEmail(), mobile: freshPhone() },
    ]) {
      const token = await register(server, identifier)
      const { body } = await me(server, token)
      assert.equal(body.user.email, identifier.email ?? null)
      assert.equal(body.user.mobile, identifier.mobile ?? null)
    }
  })

  it('shows the caller to itself', async () => {
    const [email, mobile] = [freshEmail(), freshPhone()]
    const before = server.clock.now()
    const token = await register(server, { email, mobile })
    const answer = await me(server, token)
    const { id, createdAt } = answer.body.user
    assertBody(answer, 200, { status: 'success', user: { id, email, mobile, createdAt } })
    assert.equal(id, claimsOf(token).sub)
    assert.equal(new Date(createdAt).toISOString(), createdAt)
    assert.ok(Date.parse(createdAt) >= before - 1 && Date.parse(createdAt) <= server.clock.now())
  })

  it('mails whoever gives an e-mail address a link that proves it, and asks for no proof', async () => {
    const email = freshEmail()
    await register(server, { email })
    const { links } = await server.mail(email, /^Confirm your e-mail address for Vastly/)
    assert.match(links[0] ?? '', /^http:\/\/localhost:5000\/ui\/verify-email\?token=[\da-f]{64}$/)
    await logIn(server, { email })
  })

  it('refuses an e-mail address or a mobile number that somebody has', async () => {
    const [email, mobile] = [freshEmail(), freshPhone()]
    await register(server, { email, mobile })
    const twice = (identifier: object) =>
      post(server, '/register', {
        json: { ...identifier, password: another, passwordConfirm: another },
      })
    assertFail(await twice({ email: ` ${email.toUpperCase()}` }), 409, 'Email is already in use')
    assertFail(await twice({ mobile: mobile.replace(/^\+47/, '+47 ') }), 409, 'Mobile is already in use')
    assertFail(await twice({ email, mobile: freshPhone() }), 409, 'Email is already in use')
    const free = freshEmail()
    assertFail(await twice({ email: free, mobile }), 409, 'Mobile is already in use')

    const stolen = await post(server, '/login', { json: { email, password: another } })
    assertFail(stolen, 401, texts.invalidCredentials)
    await register(server, { email: free })
  })

  it('gives one of many who come with the same number the account', async () => {
    const mobile = freshPhone()
    const json = { mobile, password, passwordConfirm: password }
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(server, '/register', { json })))
    assert.equal(answers.filter(({ status }) => status === 201).length, 1)
    for (const answer of answers)
      if (answer.status !== 201) assertFail(answer, 409, 'Mobile is already in use')
  })

  it('logs in by e-mail address or mobile number, however they are written', async () => {
    const [email, mobile] = [freshEmail(), freshPhone()]
    await register(server, { email, mobile })
    const spaced = `${mobile.slice(0, 3)} ${mobile.slice(3, 6)} ${mobile.slice(6)}`
    for (const identifier of [
      { email },
      { email: ` ${email.toUpperCase()} ` },
      { mobile },
      { mobile: spaced },
    ]) {
      const answer = await me(server, await logIn(server, identifier))
      assert.equal(answer.body.user.email, email)
    }
  })

  it('refuses wrong passwords and unknown accounts alike', async () => {
    const [email, mobile] = [freshEmail(), freshPhone()]
    await register(server, { email, mobile })
    for (const json of [
      { email, password: another },
      { mobile, password: another },
      { email: freshEmail(), password },
      { mobile: freshPhone(), password },
    ])
      assertFail(await post(server, '/login', { json }), 401, texts.invalidCredentials)
  })

  it('hands out access tokens for an hour, and no other kind', async () => {
    const email = freshEmail()
    const token = await register(server, { email })
    const { iat, exp, aud, client_id } = claimsOf(token)
    assert.deepEqual([exp - iat, aud, client_id], [3600, 'vastly', app.id])
    server.clock.advance(3_590_000)
    assert.equal((await me(server, token)).status, 200)
    server.clock.advance(11_000)
    assertRefused(await me(server, token))
  })

  it('refuses access tokens that are missing, wrong, or of another client', async () => {
    const token = await register(server, { email: freshEmail() })
    for (const wrong of [undefined, '', 'null', 'nonsense', `${token}x`])
      assertRefused(await me(server, wrong))
    assertRefused(await me(server, token, otherApp))
    assertRefused(await post(server, '/logout', { bearer: token }, otherApp))
    assert.equal((await me(server, token)).status, 200)
  })

  it('logs out, which ends the token at once and no other', async () => {
    const email = freshEmail()
    const [token, other] = [await register(server, { email }), await logIn(server, { email })]
    const answer = await post(server, '/logout', { bearer: token })
    assertBody(answer, 200, { status: 'success', message: 'You are logged out.' })
    assertRefused(await me(server, token))
    assertRefused(await post(server, '/logout', { bearer: token }))
    assert.equal((await me(server, other)).status, 200)
  })

  it('names every field that is wrong', async () => {
    const [email, mobile] = [freshEmail(), freshPhone()]
    const noPhone = 'Mobile must be a number such as +4791234567'
    const refused: [path: string, json: object, errors: Record<string, string>][] = [
      [
        '/register',
        {},
        { password: 'Password is required', passwordConfirm: 'Password confirmation is required' },
      ],
      ['/register', { password, passwordConfirm: password }, { email: 'Email or mobile is required' }],
      [
        '/register',
        { email: 'no-address', password, passwordConfirm: password },
        { email: 'Email must be a valid email address' },
      ],
      [
        '/register',
        { email, password, passwordConfirm: another },
        { passwordConfirm: 'Passwords do not match' },
      ],
      [
        '/register',
        { email, password: '1234567', passwordConfirm: '1234567' },
        { password: 'Password must be at least 8 characters.' },
      ],
      ...['91234567', '+4712', '+47 abc', 'x', 4791234567, {}].map(
        (mobile): [string, object, Record<string, string>] => [
          '/register',
          { mobile, password, passwordConfirm: password },
          { mobile: noPhone },
        ],
      ),
      ['/login', { password }, { email: 'Email or mobile is required' }],
      ['/login', { email }, { password: 'Password is required' }],
      ['/login', { mobile: '12', password }, { mobile: noPhone }],
      ['/login/two-factor', {}, { twoFactorToken: 'Two factor token is required', code: 'Code is required' }],
      ['/forgotpass', {}, { email: 'Email must be a valid email address' }],
      ['/forgotpass', { email: mobile }, { email: 'Email must be a valid email address' }],
      ['/forgotpass/mobile', {}, { mobile: noPhone }],
      ['/forgotpass/mobile', { mobile: email }, { mobile: noPhone }],
    ]
    for (const [path, json, errors] of refused)
      assertFail(await post(server, path, { json }), 400, texts.validation, errors)
    tokenOf(
      await post(server, '/register', { json: { email, mobile, password, passwordConfirm: password } }),
      201,
    )
  })

  function assertRefused(answer: Parameters<typeof assertFail>[0]): void {
    assertFail(answer, 401, texts.invalidAccess)
    assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer( error="invalid_token")?$/)
  }
})
