import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { eventually } from '../../harness/events.ts'
import { claimsOf, onEveryEngine, useServer } from '../../harness/harness.ts'
import { endOfJobs } from '../../harness/jobs.ts'
import { adminApi, assertRefused, authClient, dataOf, doorSettings, password, sessionOf } from './auth-js.ts'
import { codeSentBy, freshPhone, textsTo, wrongCode } from './texts.ts'

onEveryEngine('auth-js with text messages', (engine) => {
  const server = useServer(engine, { yaml: doorSettings({ phone: true }) })
  const verify = (phone: string, token: string) => authClient(server).verifyOtp({ type: 'sms', phone, token })

  it('signs up and in by a code, which is good once', async () => {
    const auth = authClient(server)
    const phone = freshPhone()
    const ask = async () => {
      const options = { data: { name: 'Ada' } }
      const { messageId } = dataOf(await auth.signInWithOtp({ phone, options }))
      assert.match(messageId ?? '', /^[\da-f-]{36}$/)
    }
    const code = await codeSentBy(server, phone, ask)
    assert.match(code, /^\d{6}$/)
    assertRefused(await verify(phone, wrongCode(code)), 403, 'otp_expired')
    const session = sessionOf(await auth.verifyOtp({ type: 'sms', phone, token: code }))
    assert.deepEqual([session.user.phone, session.user.email], [phone.slice(1), ''])
    assert.ok(session.user.phone_confirmed_at)
    assert.equal(session.user.user_metadata.name, 'Ada')
    const { phone: claimed, amr, aal } = claimsOf(session.access_token)
    assert.deepEqual([claimed, amr[0].method, aal], [phone.slice(1), 'otp', 'aal1'])
    assertRefused(await verify(phone, code), 403, 'otp_expired')

    const again = await codeSentBy(server, phone, () => auth.signInWithOtp({ phone: phone.slice(1) }))
    assert.equal(sessionOf(await verify(phone.slice(1), again)).user.id, session.user.id)

    dataOf(await auth.updateUser({ password }))
    const byPassword = sessionOf(await authClient(server).signInWithPassword({ phone, password }))
    assert.equal(byPassword.user.id, session.user.id)
    assert.equal(claimsOf(byPassword.access_token).amr[0].method, 'password')
    const wrong = { phone, password: 'wrong battery staple' }
    assertRefused(await authClient(server).signInWithPassword(wrong), 400, 'invalid_credentials')
  })

  it('opens no account where it is not to', async () => {
    const auth = authClient(server)
    const phone = freshPhone()
    const options = { shouldCreateUser: false }
    dataOf(await auth.signInWithOtp({ phone, options }))
    dataOf(await auth.resend({ type: 'sms', phone }))
    await endOfJobs(server)
    assert.deepEqual(await textsTo(server, phone), [])
  })

  it('is sent the code again, after which the earlier one is dead', async () => {
    const auth = authClient(server)
    const phone = freshPhone()
    const options = { data: { name: 'Ada' } }
    const first = await codeSentBy(server, phone, () => auth.signInWithOtp({ phone, options }))
    const second = await codeSentBy(server, phone, async () =>
      dataOf(await auth.resend({ type: 'sms', phone })),
    )
    if (first !== second) assertRefused(await verify(phone, first), 403, 'otp_expired')
    const session = sessionOf(await verify(phone, second))
    assert.equal(session.user.user_metadata.name, 'Ada')
  })

  it('moves to another number by a code to that', async () => {
    const auth = authClient(server)
    const [old, phone] = [freshPhone(), freshPhone()]
    const code = await codeSentBy(server, old, () => auth.signInWithOtp({ phone: old }))
    const { user } = sessionOf(await auth.verifyOtp({ type: 'sms', phone: old, token: code }))
    const first = await codeSentBy(server, phone, async () => {
      const { user } = dataOf(await auth.updateUser({ phone }))
      assert.deepEqual([user.phone, user.new_phone], [old.slice(1), phone.slice(1)])
    })
    const second = await codeSentBy(server, phone, async () =>
      dataOf(await auth.resend({ type: 'phone_change', phone })),
    )
    const third = await codeSentBy(server, phone, async () =>
      dataOf(await auth.resend({ type: 'phone_change', phone: old })),
    )
    const confirm = (token: string) => authClient(server).verifyOtp({ type: 'phone_change', phone, token })
    for (const dead of new Set([first, second]))
      if (dead !== third) assertRefused(await confirm(dead), 403, 'otp_expired')
    assertRefused(await verify(phone, third), 403, 'otp_expired')
    const session = sessionOf(await confirm(third))
    assert.deepEqual([session.user.id, session.user.phone], [user.id, phone.slice(1)])
    assert.equal(session.user.new_phone, undefined)
    assertRefused(await confirm(third), 403, 'otp_expired')
    dataOf(await auth.getUser())
    await eventually('a word to the old number', async () =>
      (await textsTo(server, old)).find(({ text }) => /number/i.test(text) && !/^\d/.test(text)),
    )
    const options = { shouldCreateUser: false }
    const again = await codeSentBy(server, phone, () => auth.signInWithOtp({ phone, options }))
    assert.equal(sessionOf(await verify(phone, again)).user.id, user.id)
  })

  it('knows a password’s number once it is confirmed', async () => {
    const phone = freshPhone()
    dataOf(await adminApi(server).createUser({ phone, password }))
    const signIn = () => authClient(server).signInWithPassword({ phone, password })
    assertRefused(await signIn(), 400, 'phone_not_confirmed')
    const confirmed = freshPhone()
    dataOf(await adminApi(server).createUser({ phone: confirmed, password, phone_confirm: true }))
    sessionOf(await authClient(server).signInWithPassword({ phone: confirmed, password }))
  })

  it('reads what it has sent wrongly', async () => {
    const auth = authClient(server)
    const bad = { phone: '123' }
    assertRefused(await auth.signInWithOtp(bad), 400, 'validation_failed')
    assertRefused(await auth.resend({ type: 'sms', ...bad }), 400, 'validation_failed')
    assertRefused(await auth.signInWithPassword({ ...bad, password }), 400, 'validation_failed')
    const whatsapp = { phone: freshPhone(), options: { channel: 'whatsapp' as const } }
    assertRefused(await auth.signInWithOtp(whatsapp), 400, 'validation_failed')
    assertRefused(await auth.signUp({ phone: freshPhone(), password }), 400, 'phone_provider_disabled')
  })
})

describe('auth-js where there are no phones', () => {
  const server = useServer('sqlite', { yaml: doorSettings() })

  it('reads that they are off', async () => {
    const auth = authClient(server)
    const phone = freshPhone()
    assertRefused(await auth.signInWithOtp({ phone }), 400, 'phone_provider_disabled')
    assertRefused(await auth.resend({ type: 'sms', phone }), 400, 'phone_provider_disabled')
    assertRefused(await auth.resend({ type: 'phone_change', phone }), 400, 'phone_provider_disabled')
    assertRefused(await auth.verifyOtp({ type: 'sms', phone, token: '123456' }), 403, 'otp_expired')
    const { body } = await server.request('GET', '/auth/v1/settings')
    assert.equal(body.external.phone, false)
    await endOfJobs(server)
    assert.deepEqual(await textsTo(server, phone), [])
  })
})
