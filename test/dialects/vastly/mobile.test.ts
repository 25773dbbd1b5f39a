import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { select } from '../../harness/database.ts'
import { type Answer, freshEmail, useServer } from '../../harness/harness.ts'
import { endOfJobs } from '../../harness/jobs.ts'
import {
  another,
  assertBody,
  assertFail,
  codeSent,
  freshPhone,
  logIn,
  mailedToken,
  me,
  messagesTo,
  otherApp,
  password,
  post,
  register,
  resetByMail,
  resetBySms,
  sentCode,
  texts,
  tokenOf,
  wrongCode,
} from './door.ts'

describe('vastly recovery by SMS', () => {
  const server = useServer('sqlite')

  const newAccount = async (): Promise<string> => {
    const mobile = freshPhone()
    await register(server, { mobile })
    return mobile
  }
  const assertInvalid = (answer: Answer) => assertFail(answer, 400, texts.invalidToken)

  it('answers alike whether or not there is an account, and sends a message to its owner alone', async () => {
    const [known, unknown] = [await newAccount(), freshPhone()]
    const spaced = `${known.slice(0, 3)} ${known.slice(3)}`
    for (const mobile of [unknown, known, spaced]) {
      assertBody(await post(server, '/forgotpass/mobile', { json: { mobile } }), 200, codeSent)
      // One by one: of two that wait at the same time, the later may be answered alone.
      await endOfJobs(server)
    }
    assert.equal((await messagesTo(server, known)).length, 2)
    assert.equal((await messagesTo(server, unknown)).length, 0)
  })

  it('sends a code of six digits, with who sends it and how long it is good', async () => {
    const mobile = await newAccount()
    const code = await sentCode(server, mobile)
    assert.match(code, /^\d{6}$/)
    const [message] = await messagesTo(server, mobile)
    assert.equal(
      message?.text,
      `${code} is your code for Vastly. It is good for five minutes. Give it to nobody.`,
    )
  })

  it('sends as many digits as the client is set to', async () => {
    const mobile = await newAccount()
    const code = await sentCode(server, mobile, otherApp)
    assert.match(code, /^\d{8}$/)
    assert.match((await messagesTo(server, mobile))[0]?.text ?? '', /^\d{8} is your code for Vastly Office\./)
    tokenOf(await resetBySms(server, { token: code }, otherApp))
  })

  it('resets the password, ends every session and signs in whoever it belongs to', async () => {
    const [email, mobile] = [freshEmail(), freshPhone()]
    const earlier = await register(server, { email, mobile })
    const access = tokenOf(await resetBySms(server, { token: await sentCode(server, mobile) }))

    const { body } = await me(server, access)
    assert.deepEqual([body.user.email, body.user.mobile], [email, mobile])
    assertFail(await me(server, earlier), 401, texts.invalidAccess)
    assertFail(await post(server, '/login', { json: { mobile, password } }), 401, texts.invalidCredentials)
    await logIn(server, { mobile, password: another })
    await server.mail(email, /password for Vastly was changed/)
  })

  it('notes that the number is the owner’s', async () => {
    const mobile = await newAccount()
    const verifiedAt = async () => {
      const accounts = `select phone_verified_at from accounts where phone = '${mobile}'`
      return (await select(server.env.DATABASE_URL ?? '', accounts))[0]?.phone_verified_at
    }
    assert.equal(await verifiedAt(), null)
    tokenOf(await resetBySms(server, { token: await sentCode(server, mobile) }))
    assert.notEqual(await verifiedAt(), null)
  })

  it('takes a code with the number that it was sent to, and with no other', async () => {
    const [mobile, other] = [await newAccount(), await newAccount()]
    const token = await sentCode(server, mobile)
    assertInvalid(await resetBySms(server, { token, mobile: other }))
    assertInvalid(await resetBySms(server, { token, mobile: freshPhone() }))
    tokenOf(await resetBySms(server, { token, mobile: `${mobile.slice(0, 5)} ${mobile.slice(5)}` }))
  })

  it('takes null for a number that is not given', async () => {
    const token = await sentCode(server, await newAccount())
    const json = { token, mobile: null, password: another, passwordConfirm: another }
    tokenOf(await post(server, '/resetpass/mobile', { json }))
  })

  it('takes a code with blanks in it', async () => {
    const code = await sentCode(server, await newAccount())
    tokenOf(await resetBySms(server, { token: ` ${code.slice(0, 3)} ${code.slice(3)}\n` }))
  })

  it('takes a code once', async () => {
    const mobile = await newAccount()
    const token = await sentCode(server, mobile)
    tokenOf(await resetBySms(server, { token }))
    assertInvalid(await resetBySms(server, { token, password: 'a-third-password' }))
    assertInvalid(await resetBySms(server, { token, mobile, password: 'a-third-password' }))
    await logIn(server, { mobile, password: another })
  })

  it('refuses wrong codes, links and tokens', async () => {
    const [email, mobile] = [freshEmail(), freshPhone()]
    const access = await register(server, { email, mobile })
    const mailed = await mailedToken(server, email)
    const code = await sentCode(server, mobile)
    for (const token of [wrongCode(code), `${code}0`, code.slice(1), 'abcdef', mailed, access])
      assertInvalid(await resetBySms(server, { token }))
    assertInvalid(await resetByMail(server, { token: code }))
    await logIn(server, { mobile })
    tokenOf(await resetBySms(server, { token: code }))
  })

  it('names what is wrong with a request, and leaves the code good', async () => {
    const token = await sentCode(server, await newAccount())
    const confirmed = { password: another, passwordConfirm: another }
    const refused: [body: object, errors: Record<string, string>][] = [
      [confirmed, { token: 'Token is required' }],
      [{ ...confirmed, token: Number(token) }, { token: 'Token must be text' }],
      [{ token, password: another }, { passwordConfirm: 'Password confirmation is required' }],
      [
        { token, password: another, passwordConfirm: password },
        { passwordConfirm: 'Passwords do not match' },
      ],
      [
        { token, password: '1234567', passwordConfirm: '1234567' },
        { password: 'Password must be at least 8 characters.' },
      ],
      [{ ...confirmed, token, mobile: '12' }, { mobile: 'Mobile must be a number such as +4791234567' }],
    ]
    for (const [json, errors] of refused)
      assertFail(await post(server, '/resetpass/mobile', { json }), 400, texts.validation, errors)
    tokenOf(await resetBySms(server, { token }))
  })
})
