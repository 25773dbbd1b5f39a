import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mailVerification, register } from '../../harness/doors.ts'
import { type Answer, freshEmail, queryOf, useServer } from '../../harness/harness.ts'
import { assertFailure, post, resetMail, signIn } from './door.ts'
import { encrypt, encryptText, key } from './studio-encryption.ts'

/** Of contracts/credebl.md: the first decrypts to the second with the key above. */
const vector = ['U2FsdGVkX182ExA3H6GdoQA5LhqpmREQYspkjKMPgP8=', 'Password1!é'] as const

describe('credebl passwords with a key', () => {
  const server = useServer('sqlite', { env: { CREDEBL_PASSWORD_KEY: key } })

  const attempt = (email: string, password: string, isPasswordEncrypted?: boolean): Promise<Answer> =>
    post(server, '/signin', { json: { email, password, isPasswordEncrypted } })
  const assertAccepted = (answer: Answer) => assert.equal(answer.status, 200, answer.text)
  const assertRefused = (answer: Answer) => assertFailure(answer, 401, 'Invalid Credentials')

  it('are read as the contract’s vector says', async () => {
    const [encrypted, password] = vector
    const { email } = await register(server, { email: freshEmail(), password })
    assertAccepted(await attempt(email, encrypted))
    assertAccepted(await attempt(email, encrypted, true))
    assertRefused(await attempt(email, encrypted, false))
  })

  it('are decrypted when they look encrypted, and literal when they do not', async () => {
    for (const password of ['Password1!', 'pässwörd 🐎 " \\ \n', '12345678', 'x'.repeat(256)]) {
      const { email } = await register(server, { email: freshEmail(), password })
      assertAccepted(await attempt(email, password))
      assertAccepted(await attempt(email, encrypt(password)))
      assertRefused(await attempt(email, encrypt(`${password} `)))
      assertRefused(await attempt(email, encrypt(password, 'another-key')))
    }
  })

  it('must decrypt when they are said to be encrypted', async () => {
    const { email, password } = await register(server)
    assertAccepted(await attempt(email, encrypt(password), true))
    for (const value of [
      password,
      encrypt(password, 'another-key'),
      encryptText('not JSON'),
      encryptText('12345678'),
      encryptText('{"password":"12345678"}'),
      'U2FsdGVkX1',
      Buffer.from('Salted__').toString('base64'),
      'nonsense',
    ])
      assertRefused(await attempt(email, value, true))
  })

  it('are encrypted in one spelling, and hold no half characters', async () => {
    const { email, password } = await register(server)
    const encrypted = encrypt(password)
    assertAccepted(await attempt(email, encrypted, true))
    const spellings = [
      `${encrypted} `,
      `${encrypted}!`,
      `${encrypted}=`,
      encrypted.replace(/(.{20})/, '$1\n'),
    ]
    for (const spelled of spellings)
      for (const isEncrypted of [true, undefined]) assertRefused(await attempt(email, spelled, isEncrypted))

    const half = { firstName: 'Ada', lastName: 'Example', password: encrypt('12345678\ud83d') }
    const fresh = freshEmail()
    const verificationCode = await mailVerification(server, fresh)
    const json = { ...half, email: fresh, verificationCode, isPasswordEncrypted: true }
    assertRefused(await post(server, '/signup', { json }))
  })

  it('are never decrypted when they are said to be plain', async () => {
    const password = encrypt('something else')
    const email = await registerWith({ password, isPasswordEncrypted: false })
    assertAccepted(await attempt(email, password, false))
    assertRefused(await attempt(email, password))
    assertRefused(await attempt(email, 'something else'))
  })

  it('are literal when they look encrypted and do not decrypt to a text', async () => {
    for (const password of [
      encrypt('a password', 'another-key'),
      encryptText('12345678'),
      'U2FsdGVkX1 is my dog',
    ]) {
      const email = await registerWith({ password })
      assertAccepted(await attempt(email, password))
      assertAccepted(await attempt(email, password, false))
      assertRefused(await attempt(email, password, true))
    }
  })

  it('are measured as they were meant, and not as they were sent', async () => {
    const email = freshEmail()
    const verificationCode = await mailVerification(server, email)
    const short = { email, firstName: 'Ada', lastName: 'Example', verificationCode }
    const answer = await post(server, '/signup', { json: { ...short, password: encrypt('1234567') } })
    assertFailure(answer, 400, ['Password must be at least 8 characters.'])
  })

  it('are read at sign-up', async () => {
    const email = await registerWith({ password: encrypt('Password1!'), isPasswordEncrypted: true })
    await signIn(server, { email, password: 'Password1!' })
  })

  it('are read when a mailed link resets them', async () => {
    const { email } = await register(server)
    const token = queryOf((await resetMail(server, { email })).links[0], 'verificationCode')
    const reset = (password: string, isPasswordEncrypted?: boolean) =>
      post(server, `/password-reset/${email}`, { json: { token, password, isPasswordEncrypted } })
    assertRefused(await reset('Password1!', true))
    assertAccepted(await reset(encrypt('Password1!')))
    await signIn(server, { email, password: 'Password1!' })
  })

  it('are read when they are changed, both of them', async () => {
    const { email, password } = await register(server)
    const change = (oldPassword: string, newPassword: string, isPasswordEncrypted?: boolean) =>
      post(server, '/reset-password', { json: { email, oldPassword, newPassword, isPasswordEncrypted } })
    assertRefused(await change(encrypt(password), 'Password1!', true))
    assertRefused(await change(password, encrypt('Password1!'), true))
    const same = await change(encrypt(password), encrypt(password), true)
    assertFailure(same, 400, 'New password should not be the current password')
    assertAccepted(await change(encrypt(password), encrypt('Password1!'), true))
    assertAccepted(await change('Password1!', encrypt('Password2!')))
    await signIn(server, { email, password: 'Password2!' })
  })

  /** Signs up with just these fields for the password; the address. */
  async function registerWith(fields: Record<string, unknown>): Promise<string> {
    const email = freshEmail()
    const verificationCode = await mailVerification(server, email)
    const json = { email, firstName: 'Ada', lastName: 'Example', verificationCode, ...fields }
    assert.equal((await post(server, '/signup', { json })).status, 201)
    return email
  }
})

describe('credebl passwords without a key', () => {
  const server = useServer('sqlite')

  it('are literal, however they look', async () => {
    const [encrypted, plain] = vector
    const { email } = await register(server, { email: freshEmail(), password: encrypted })
    await signIn(server, { email, password: encrypted })
    const meant = await post(server, '/signin', { json: { email, password: plain } })
    assertFailure(meant, 401, 'Invalid Credentials')

    const other = await register(server, { email: freshEmail(), password: plain })
    await signIn(server, other)
    const sent = await post(server, '/signin', { json: { email: other.email, password: encrypted } })
    assertFailure(sent, 401, 'Invalid Credentials')
  })
})
