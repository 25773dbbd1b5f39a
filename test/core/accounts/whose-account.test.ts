import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as pm2 from '../../dialects/pm2/door.ts'
import * as vastly from '../../dialects/vastly/door.ts'
import * as wolfpal from '../../dialects/wolfpal/door.ts'
import { execute, select } from '../../harness/database.ts'
import { credebl, minbil, signUpVerified } from '../../harness/doors.ts'
import {
  freshEmail,
  mailCausedBy,
  onEveryEngine,
  queryOf,
  type TestServer,
  useServer,
} from '../../harness/harness.ts'
import { endOfJobs } from '../../harness/jobs.ts'
import { own, requestedCode, squat, squatted } from '../../harness/squatting.ts'

onEveryEngine('an account opened with the e-mail address of another person', (engine) => {
  const server = useServer(engine, { dialects: { wolfpal: { requireConfirmedEmail: false } } })

  it('cannot sign in where a verified address is required when the owner verifies it at credebl', async () => {
    const email = await squat(server)
    const code = await requestedCode(server, email)
    assert.equal((await verify(server, email, code)).status, 200)
    assertUnverified(await credebl.signIn(server, { email, password: squatted }))
  })

  it("becomes the owner's by credebl's sign-up, with nothing left of what was set up in it", async () => {
    const email = await squat(server)
    const mobile = vastly.freshPhone()
    await execute(
      server.env.DATABASE_URL ?? '',
      `update accounts set phone = '${mobile}' where email = '${email}'`,
    )
    const { access, refresh } = minbil.tokensOf(await minbil.signIn(server, { email, password: squatted }))
    const { access: atWolfpal } = await wolfpal.signIn(server, { username: '', email, password: squatted })
    const { secret } = await wolfpal.enrol(server, atWolfpal)
    assert.equal((await wolfpal.confirm(server, atWolfpal, wolfpal.nextCode(server, secret))).status, 200)
    const smsCode = await vastly.sentCode(server, mobile)

    const code = await requestedCode(server, email)
    const told = await mailCausedBy(server, { to: email, subject: /is yours now/ }, async () => {
      const answer = await signUpVerified(server, { email, password: own }, code)
      assert.equal(answer.status, 201, answer.text)
    })
    assert.match(told.text, /old password is void/)

    assert.equal((await minbil.signIn(server, { email, password: squatted })).status, 401)
    assert.equal((await minbil.refresh(server, refresh)).status, 401)
    const me = await server.request('POST', '/api/co/auth/sign-out', { bearer: access })
    assert.equal(me.status, 401)
    assert.equal((await wolfpal.whoAmI(server, atWolfpal)).status, 401)
    const reset = await vastly.resetBySms(server, { token: smsCode })
    vastly.assertFail(reset, 400, vastly.texts.invalidToken)
    await assertNoCodeFor(server, mobile)

    const { access: mine } = credebl.tokensOf(await credebl.signIn(server, { email, password: own }))
    const { body } = await server.request('GET', '/users/profile', { bearer: mine })
    assert.deepEqual([body.data.firstName, body.data.isEmailVerified], ['Ada', true])
    const events = await select(
      server.env.DATABASE_URL ?? '',
      `select event from audit where event = 'account.taken_over' and account_id = '${body.data.id}'`,
    )
    assert.equal(events.length, 1)
  })

  it("becomes the owner's by a mailed reset, and no other unproven name recovers it after that", async () => {
    const [email, mobile] = [freshEmail(), vastly.freshPhone()]
    const access = await vastly.register(server, { email, mobile })
    const { access: atWolfpal } = await wolfpal.signIn(server, {
      username: '',
      email,
      password: vastly.password,
    })
    const { secret } = await wolfpal.enrol(server, atWolfpal)
    assert.equal((await wolfpal.confirm(server, atWolfpal, wolfpal.nextCode(server, secret))).status, 200)

    const token = await vastly.mailedToken(server, email)
    // Without the second factor, which is the squatter's: signed in at once.
    vastly.tokenOf(await vastly.resetByMail(server, { token, password: own }))
    assert.equal((await vastly.me(server, access)).status, 401)
    await assertNoCodeFor(server, mobile)
    await vastly.logIn(server, { mobile, password: own })
    assert.equal((await credebl.signIn(server, { email, password: own })).status, 200)
  })

  it('drops a pending second factor, which nobody can confirm after that', async () => {
    const email = await squat(server)
    const { access } = await wolfpal.signIn(server, { username: '', email, password: squatted })
    const { secret } = await wolfpal.enrol(server, access)
    const code = await requestedCode(server, email)
    assert.equal((await signUpVerified(server, { email, password: own }, code)).status, 201)
    assert.equal((await wolfpal.confirm(server, access, wolfpal.nextCode(server, secret))).status, 401)
    const { access: mine } = await wolfpal.signIn(server, { username: '', email, password: own })
    const late = await wolfpal.confirm(server, mine, wolfpal.nextCode(server, secret))
    wolfpal.assertCode(late, ...wolfpal.notInitialized)
    for (const table of ['totp', 'recovery_codes']) {
      const left = `select account_id from ${table} where account_id =
        (select id from accounts where email = '${email}')`
      assert.deepEqual(await select(server.env.DATABASE_URL ?? '', left), [])
    }
  })

  it("becomes the owner's by a code to the number, and the address recovers nothing after that", async () => {
    const [email, mobile] = [freshEmail(), vastly.freshPhone()]
    await vastly.register(server, { email, mobile })
    const token = await vastly.sentCode(server, mobile)
    vastly.tokenOf(await vastly.resetBySms(server, { token, password: own }))
    await assertNoLinkFor(server, email)
    await vastly.logIn(server, { email, password: own })
    assertUnverified(await credebl.signIn(server, { email, password: own }))
  })

  it('keeps its proven number, and loses the address to whoever proves it', async () => {
    const [email, mobile] = [freshEmail(), vastly.freshPhone()]
    await vastly.register(server, { email, mobile })
    const token = await vastly.sentCode(server, mobile)
    const access = vastly.tokenOf(await vastly.resetBySms(server, { token, password: squatted }))

    const code = await requestedCode(server, email)
    assert.equal((await signUpVerified(server, { email, password: own }, code)).status, 201)
    const { body } = await vastly.me(server, access)
    assert.deepEqual([body.user.email, body.user.mobile], [null, mobile])
    assert.equal((await minbil.signIn(server, { email, password: squatted })).status, 401)
    const { body: signedIn } = await minbil.signIn(server, { email, password: own })
    assert.notEqual(signedIn.user.id, body.user.id)
    await vastly.logIn(server, { mobile, password: squatted })
  })

  it('goes to one of many concurrent sign-ups with the same proof', async () => {
    const email = await squat(server)
    const code = await requestedCode(server, email)
    const passwords = Array.from({ length: 5 }, (_, index) => `${own}-${index}`)
    const answers = await Promise.all(
      passwords.map((password) => signUpVerified(server, { email, password }, code)),
    )
    const statuses = answers.map(({ status }) => status)
    assert.equal(statuses.filter((status) => status === 201).length, 1, String(statuses))
    assert.ok(
      statuses.every((status) => [201, 404, 409].includes(status)),
      String(statuses),
    )
    const winner = statuses.indexOf(201)
    for (const [index, password] of passwords.entries())
      assert.equal((await credebl.signIn(server, { email, password })).status, index === winner ? 200 : 401)
  })

  it('stays disabled, whatever is proven', async () => {
    const email = await squat(server)
    const code = await requestedCode(server, email)
    await execute(
      server.env.DATABASE_URL ?? '',
      `update accounts set disabled_at = 1 where email = '${email}'`,
    )
    assert.equal((await signUpVerified(server, { email, password: own }, code)).status, 409)
    assert.equal((await credebl.signIn(server, { email, password: own })).status, 401)
  })
})

onEveryEngine('the mail of a sign-up', (engine) => {
  const server = useServer(engine)

  it('names the door, the time and the account, and confirms the account as it stands', async () => {
    const person = await wolfpal.signUp(server)
    const { text, html, links } = await server.mail(person.email, /^Confirm/)
    for (const form of [text, html]) {
      assert.match(form, /signed up at WolfPal/)
      assert.match(form, /\d{1,2} \w+ \d{4} at \d\d:\d\d UTC/)
      assert.ok(form.includes(person.username))
    }
    const path = `/user/activate-account/${queryOf(links[0], 'token')}`
    assert.equal((await wolfpal.send(server, 'PUT', path)).status, 200)
    assert.equal((await credebl.signIn(server, person)).status, 200)
  })

  it('carries nothing of a user name that a mail client would link', async () => {
    const names = { 'evil.example/x?y': 'evil example x y', 'call 0800 123 456': undefined }
    for (const [username, shown] of Object.entries(names)) {
      const person = { ...pm2.freshPerson(), username }
      await pm2.register(server, { person })
      const { text } = await server.mail(person.email, /^Confirm/)
      assert.ok(!text.includes(username), text)
      assert.equal(text.includes(`as "${shown}"`), shown !== undefined, text)
    }
  })

  it('counts at pm2 alone when its link is opened by GET, as mail scanners do', async () => {
    const person = await pm2.register(server)
    const { links } = await server.mail(person.email, /^Confirm/)
    const { pathname } = new URL(links[0] ?? '')
    for (let times = 0; times < 2; times++) assert.equal((await server.request('GET', pathname)).status, 301)
    assertUnverified(await credebl.signIn(server, person))
    const login = await wolfpal.login(server, person)
    assert.deepEqual([login.status, login.body.code], [400, 'PENDING_CONFIRMATION'])
    assert.equal((await pm2.whoAmI(server, person.access)).body.email_valid, true)
    assert.equal((await pm2.refresh(server, person.refresh)).status, 200)
    const sent = await pm2.send(server, 'POST', '/send_email_link', { bearer: person.access })
    assert.equal(sent.body.msg, 'There is nothing left to validate.')
  })

  it('leads to a page that hands the account to an owner who did not open it', async () => {
    const email = await squat(server)
    const { refresh } = minbil.tokensOf(await minbil.signIn(server, { email, password: squatted }))
    const { links } = await server.mail(email, /^Confirm/)
    const token = queryOf(links[0], 'token')
    const form = { token, action: 'claim' }
    const claimed = await server.request('POST', '/ui/verify-email', { form })
    assert.equal(claimed.status, 303, claimed.text)
    assert.equal((await minbil.refresh(server, refresh)).status, 401)
    assert.equal((await minbil.signIn(server, { email, password: squatted })).status, 401)
    const again = await server.request('POST', '/ui/verify-email', { form })
    assert.equal(again.status, 200)

    const page = claimed.headers.get('location') ?? ''
    assert.equal((await server.request('GET', page)).status, 200)
    const chosen = { token: queryOf(`${server.url}${page}`, 'token'), password: own }
    assert.equal((await server.request('POST', '/ui/reset-password', { form: chosen })).status, 200)
    assert.equal((await credebl.signIn(server, { email, password: own })).status, 200)
  })

  it('asks for the password where the account was opened at another door, and then changes nothing', async () => {
    const email = await squat(server)
    const { refresh } = minbil.tokensOf(await minbil.signIn(server, { email, password: squatted }))
    await server.mail(email, /Minbil/)
    const resent = await mailCausedBy(server, { to: email, subject: /WolfPal/ }, () =>
      wolfpal.send(server, 'POST', '/user/activate-account/resend', { json: { email } }),
    )
    const token = queryOf(resent.links[0], 'token')
    assert.match(resent.links[0] ?? '', /\/ui\/verify-email\?/)
    const put = await wolfpal.send(server, 'PUT', `/user/activate-account/${token}`)
    assert.deepEqual([put.status, put.body.code], [400, 'EXPIRED_OR_ALREADY_USED'])

    const submit = (password: string) =>
      server.request('POST', '/ui/verify-email', { form: { token, password } })
    assert.equal((await submit('')).status, 400)
    assert.equal((await submit(own)).status, 401)
    assertUnverified(await credebl.signIn(server, { email, password: squatted }))
    assert.equal((await submit(squatted)).status, 200)
    assert.equal((await credebl.signIn(server, { email, password: squatted })).status, 200)
    assert.equal((await minbil.refresh(server, refresh)).status, 200)
  })
})

describe('unproven names', () => {
  const withSetting = (unprovenRecovery: string) =>
    useServer('sqlite', { yaml: `realms: { main: { unprovenRecovery: ${unprovenRecovery} } }` })
  const never = withSetting('never')
  const always = withSetting('always')
  const register = async (server: TestServer) => {
    const person = { email: freshEmail(), mobile: vastly.freshPhone() }
    await vastly.register(server, person)
    return person
  }

  it('recover nothing with `never`', async () => {
    const { email, mobile } = await register(never)
    await assertNoLinkFor(never, email)
    await assertNoCodeFor(never, mobile)
    // A new password makes no account one's own here, so the sign-up's mail leads to the page that does.
    const person = await pm2.register(never)
    const { links } = await never.mail(person.email, /^Confirm/)
    assert.match(links[1] ?? '', /\/ui\/verify-email\?token=/)
  })

  it('recover beside a proven one with `always`', async () => {
    const { email, mobile } = await register(always)
    const token = await vastly.mailedToken(always, email)
    vastly.tokenOf(await vastly.resetByMail(always, { token }))
    vastly.tokenOf(await vastly.resetBySms(always, { token: await vastly.sentCode(always, mobile) }))
  })
})

function verify(server: TestServer, email: string, verificationCode: string) {
  return server.request('GET', `/auth/verify?${new URLSearchParams({ email, verificationCode })}`)
}

function assertUnverified({ status, body }: { status: number; body: { message: string } }): void {
  assert.deepEqual([status, body.message], [401, 'Please verify your email'])
}

/** That asking for a code sends none, though the answer is the usual one. */
async function assertNoCodeFor(server: TestServer, mobile: string): Promise<void> {
  const earlier = (await vastly.messagesTo(server, mobile)).length
  const asked = await vastly.post(server, '/forgotpass/mobile', { json: { mobile } })
  vastly.assertBody(asked, 200, vastly.codeSent)
  await endOfJobs(server)
  assert.equal((await vastly.messagesTo(server, mobile)).length, earlier)
}

async function assertNoLinkFor(server: TestServer, email: string): Promise<void> {
  const asked = await vastly.post(server, '/forgotpass', { json: { email } })
  vastly.assertBody(asked, 200, vastly.linkSent)
  await endOfJobs(server)
  const mails = (await server.mailbox()).filter(
    ({ to, subject }) => to === email && /new password/.test(subject),
  )
  assert.deepEqual(mails, [])
}
