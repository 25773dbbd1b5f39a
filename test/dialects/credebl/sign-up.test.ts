import assert from 'node:assert/strict'
import { it } from 'node:test'
import { mailVerification, register } from '../../harness/doors.ts'
import {
  type Answer,
  freshEmail,
  mailCausedBy,
  onEveryEngine,
  queryOf,
  useServer,
} from '../../harness/harness.ts'
import { assertFailure, assertSuccess, post, signIn, uuid } from './door.ts'

const mailed = 'Verification link has been successfully sent on the email. Please verify'
const verified = 'Email verified successfully'
const badCode = 'Invalid verification code or EmailId!'
const details = { firstName: 'Ada', lastName: 'Example', password: '12345678' }

onEveryEngine('credebl sign-up', (engine) => {
  const server = useServer(engine)

  const verify = (email: string, verificationCode: string) =>
    server.request('GET', `/auth/verify?${new URLSearchParams({ email, verificationCode })}`)
  const signUp = (json: Record<string, unknown>, cookie?: string) =>
    post(server, '/signup', {
      json: { ...details, ...json },
      ...(cookie !== undefined && { headers: { cookie } }),
    })

  it('says that it sent a mail to whoever asks, and sends a code to the unverified alone', async () => {
    const { email: known } = await register(server)
    const unknown = freshEmail()
    const mails = []
    for (const email of [known, unknown]) {
      const mail = await mailCausedBy(server, { to: email, subject: /./ }, async () =>
        assertSuccess(await post(server, '/verification-mail', { json: { email } }), 201, mailed),
      )
      mails.push(mail)
    }
    assert.deepEqual(mails[0]?.links, ['http://localhost:5000/ui/forgot-password'])
    assert.match(mails[0]?.subject ?? '', /already have an account/)
    assert.match(queryOf(mails[1]?.links[0], 'verificationCode'), /^[\w-]{43,}$/)
  })

  it('refuses to send a mail to no address', async () => {
    const missing = ['Please provide a valid email', 'Email is required']
    assertFailure(await post(server, '/verification-mail', { json: {} }), 400, missing)
    const invalid = await post(server, '/verification-mail', { json: { email: 'no-address' } })
    assertFailure(invalid, 400, ['Please provide a valid email'])
  })

  it('sends the verification mail in the name of the chosen client', async () => {
    const email = freshEmail()
    const platformName = 'Tom & Jerry'
    const json = { email, platformName, endpoint: 'https://evil.example' }
    assertSuccess(await post(server, '/verification-mail?clientAlias=VERIFIER', { json }), 201, mailed)
    const { links, html } = await server.mail(email, /Confirm your e-mail/)
    const link = new URL(links[0] ?? '')
    assert.equal(link.origin, 'https://verifier.example.com')
    assert.equal(link.searchParams.get('email'), email)
    assert.equal(link.searchParams.get('clientAlias'), 'VERIFIER')
    assert.ok(html.includes('Tom &amp; Jerry') && !html.includes(platformName))
  })

  it('verifies as often as the link is opened, and hands out a proof that scripts cannot read', async () => {
    const email = freshEmail()
    const code = await mailVerification(server, email)
    for (const spelling of [email, email.toUpperCase(), ` ${email} `]) {
      const answer = await verify(spelling, code)
      assertSuccess(answer, 200, verified)
      const [header = '', ...others] = answer.headers.getSetCookie()
      assert.deepEqual(others, [])
      for (const attribute of ['HttpOnly', 'Secure', 'Path=/']) assert.ok(hasAttribute(header, attribute))
      assert.match(header, /; SameSite=(Lax|Strict)/)
    }
    const up = await signUp({ email, verificationCode: code })
    assertSuccess(up, 201, 'User registered successfully', { userId: up.body.data.userId })
  })

  it('refuses a code that is wrong, of another address, replaced or expired', async () => {
    const [email, other] = [freshEmail(), freshEmail()]
    const replaced = await mailVerification(server, email)
    const mail = await mailCausedBy(server, { to: email, subject: /Confirm/ }, () =>
      post(server, '/verification-mail', { json: { email } }),
    )
    const code = queryOf(mail.links[0], 'verificationCode')
    const otherCode = await mailVerification(server, other)
    for (const wrong of ['nonsense', '', otherCode, replaced]) {
      assertFailure(await verify(email, wrong), 401, badCode)
      assertFailure(await signUp({ email, verificationCode: wrong }), 404, 'Email is not verified')
    }
    assertFailure(await server.request('GET', '/auth/verify'), 401, badCode)
    assertFailure(await verify('', code), 401, badCode)
    server.clock.advance(25 * 3600_000)
    assertFailure(await verify(email, code), 401, badCode)
    assertFailure(await signUp({ email, verificationCode: code }), 404, 'Email is not verified')
  })

  it('says that the address is verified already only once the account is registered', async () => {
    const email = freshEmail()
    const code = await mailVerification(server, email)
    assertSuccess(await verify(email, code), 200, verified)
    assertRegistered(await signUp({ email, verificationCode: code }))
    assertFailure(await verify(email, code), 409, 'Email already verified')
    assertFailure(await verify(email, 'nonsense'), 401, badCode)
  })

  it('takes an address with a plus as Studio sends it, which does not encode it', async () => {
    const email = freshEmail().replace('@', '+studio@')
    const code = await mailVerification(server, email)
    const query = `verificationCode=${code}&email=${email}`
    assertSuccess(await server.request('GET', `/auth/verify?${query}`), 200, verified)
  })

  it('takes the cookie of the verified browser as proof', async () => {
    const email = freshEmail()
    const { cookies } = await verify(email, await mailVerification(server, email))
    assertFailure(await signUp({ email, verificationCode: 'x' }, cookies[0]), 404, 'Email is not verified')
    // What a script writes that has no code.
    const up = await signUp({ email, verificationCode: 'undefined' }, cookies[0])
    assertRegistered(up)
    const [cleared = ''] = up.headers.getSetCookie()
    assert.match(cleared, /^[^=]+=;/)
    assert.match(cleared, /Expires=Thu, 01 Jan 1970/)
    await signIn(server, { email, password: details.password })
  })

  it('takes the code itself as proof, without a visit to the link', async () => {
    const email = freshEmail()
    const verificationCode = await mailVerification(server, email)
    assertRegistered(await signUp({ email: ` ${email.toUpperCase()} `, verificationCode }))
    await signIn(server, { email, password: details.password })
  })

  it('refuses to sign up without a proof, or with another’s, and opens no account', async () => {
    const email = freshEmail()
    const { cookies } = await verify(email, await mailVerification(server, email))
    const stranger = freshEmail()
    const { cookies: foreign } = await verify(stranger, await mailVerification(server, stranger))
    assertFailure(await signUp({ email }), 404, 'Email is not verified')
    assertFailure(await signUp({ email }, foreign[0]), 404, 'Email is not verified')
    const attempt = await post(server, '/signin', { json: { email, password: details.password } })
    assertFailure(attempt, 401, 'Invalid Credentials')
    assertRegistered(await signUp({ email }, cookies[0]))
  })

  it('says that there is an account to one who proves the address, and to nobody else', async () => {
    const email = freshEmail()
    const verificationCode = await mailVerification(server, email)
    assertRegistered(await signUp({ email, verificationCode }))
    const again = await signUp({ email, verificationCode, password: 'another-password' })
    assertFailure(again, 409, 'User already exists')
    assertFailure(await signUp({ email }), 404, 'Email is not verified')
    assertFailure(await signUp({ email, verificationCode: 'nonsense' }), 404, 'Email is not verified')
    await signIn(server, { email, password: details.password })
  })

  it('leaves an account of another door whose address is proven to its owner', async () => {
    const email = freshEmail()
    const verificationCode = await mailVerification(server, email)
    const json = { email, password: 'the-first-password' }
    await server.request('POST', '/api/co/auth/sign-up', { json })
    const { links } = await server.mail(email, /Minbil/)
    const form = { token: queryOf(links[0], 'token') }
    assert.equal((await server.request('POST', '/ui/verify-email', { form })).status, 200)
    assertFailure(await signUp({ email, verificationCode }), 409, 'User already exists')
    assert.equal((await server.request('POST', '/api/co/auth/sign-in', { json })).status, 200)
  })

  it('opens one account for many who come at once with the same code', async () => {
    const email = freshEmail()
    const verificationCode = await mailVerification(server, email)
    const answers = await Promise.all(Array.from({ length: 5 }, () => signUp({ email, verificationCode })))
    const statuses = answers.map((answer) => answer.status)
    assert.equal(statuses.filter((status) => status === 201).length, 1)
    assert.ok(
      statuses.every((status) => [201, 404, 409].includes(status)),
      String(statuses),
    )
  })

  it('knows the address in every spelling, in a body, in a query and behind a token', async () => {
    const [local] = freshEmail().split('@')
    const [typed, email] = [`\u200e${local}+a@münchen.example`, `${local}+a@xn--mnchen-3ya.example`]
    const mail = await mailCausedBy(server, { to: email, subject: /^Confirm/ }, async () =>
      server.request('POST', '/auth/verification-mail', { json: { email: typed } }),
    )
    const verificationCode = queryOf(mail.links[0], 'verificationCode')
    for (const spelled of [typed, email, email.replace('+', ' ')]) {
      const query = new URLSearchParams({ email: spelled, verificationCode })
      assert.equal((await server.request('GET', `/auth/verify?${query}`)).status, 200, spelled)
    }
    // Joiners belong to some scripts and pictures.
    const names = { firstName: 'علی\u200cرضا', lastName: '👩\u200d🚀 Æ' }
    assertRegistered(await signUp({ email: typed, verificationCode, ...names }))
    const { password } = details
    const { access } = await signIn(server, { email: typed, password })
    const profile = await server.request('GET', '/users/profile', { bearer: access })
    assert.deepEqual(
      [profile.body.data.email, profile.body.data.firstName, profile.body.data.lastName],
      [email, names.firstName, names.lastName],
    )
    const json = { email: typed, oldPassword: password, newPassword: 'another-password' }
    const changed = await server.request('POST', '/auth/reset-password', { json, bearer: access })
    assert.equal(changed.status, 200, changed.text)
  })

  it('lists what is wrong with a sign-up, and leaves the code good', async () => {
    const email = freshEmail()
    const verificationCode = await mailVerification(server, email)
    const first = 'First name must be between 2 and 50 characters.'
    const last = 'Last name must be between 2 and 50 characters.'
    const cases: [Record<string, unknown>, string[]][] = [
      [{ firstName: 'A', lastName: 'B'.repeat(51) }, [first, last]],
      [{ firstName: undefined }, [first]],
      [{ lastName: 'Exa\nmple' }, [last]],
      [{ firstName: '\u200b\u200b', lastName: '\u3164\u2800' }, [first, last]],
      [{ firstName: 'Exa\u2028mple', lastName: '\u202eelpmaxE' }, [first, last]],
      [{ password: '' }, ['Password is required.']],
      [{ password: '1234567' }, ['Password must be at least 8 characters.']],
      [{ email: 'no-address' }, ['Please provide a valid email']],
    ]
    for (const [wrong, messages] of cases)
      assertFailure(await signUp({ email, verificationCode, ...wrong }), 400, messages)
    const names = { firstName: 'Al', lastName: 'B'.repeat(50) }
    assertRegistered(await signUp({ email, verificationCode, ...names }))
  })
})

function assertRegistered(answer: Answer): void {
  assert.match(answer.body.data?.userId ?? '', uuid)
  assertSuccess(answer, 201, 'User registered successfully', { userId: answer.body.data.userId })
}

function hasAttribute(setCookie: string, attribute: string): boolean {
  return setCookie.split('; ').slice(1).includes(attribute)
}
