import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { beginLogin, proveLogin } from '../../dialects/pm2/door.ts'
import * as vastly from '../../dialects/vastly/door.ts'
import {
  answerChallenge,
  assertCode,
  assertUnauthorized,
  challengeFor,
  confirm,
  disable,
  enrol,
  invalidChallenge,
  login,
  nextCode,
  type Person,
  password,
  refresh,
  registerAndSignIn,
  registerWithSecondFactor,
  send,
  tokensOf,
  whoAmI,
} from '../../dialects/wolfpal/door.ts'
import { execute, select } from '../../harness/database.ts'
import { mailCausedBy, onEveryEngine, type TestServer, useServer } from '../../harness/harness.ts'
import { endOfJobs } from '../../harness/jobs.ts'
import { assertEnded, assertLive, sessionsOf } from '../sessions/sessions-at-doors.ts'

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const set = /^A second step was set up at WolfPal$/
const removed = /^The second step at WolfPal was removed$/
const used = /^A recovery code was used at WolfPal$/

onEveryEngine('a change of a second factor', (engine) => {
  const server = useServer(engine)

  describe('is mailed to the owner', () => {
    it('when it comes into force, with time and place', async () => {
      const person = await registerAndSignIn(server)
      const { secret } = await enrol(server, person.access)
      const mail = await mailCausedBy(server, { to: person.email, subject: set }, () =>
        send(server, 'PUT', '/account/two-factor', {
          bearer: person.access,
          json: { code: nextCode(server, secret) },
          headers: { 'user-agent': firefox },
        }),
      )
      for (const form of [mail.text, mail.html.replaceAll(/<[^>]*>/g, '')]) {
        assert.match(
          form,
          /When: \d{1,2} \w+ \d{4} at \d\d:\d\d UTC\s+Device: Firefox, Linux\s+IP address: 127\./,
        )
        assert.match(form, /If it was not you/)
        assert.ok(!form.includes(secret))
      }
    })

    it('when it is removed', async () => {
      const person = await registerWithSecondFactor(server)
      const mail = await mailCausedBy(server, { to: person.email, subject: removed }, async () => {
        assert.equal((await disable(server, person.access, nextCode(server, person.secret))).status, 200)
      })
      assert.match(mail.text, /was removed at WolfPal/)
      assert.match(mail.text, /When: .* UTC\n(Device: .*\n)?IP address: 127\./)
      assert.doesNotMatch(mail.text, /Those who run/)
    })

    it('when a recovery code is used, to sign in or to remove it', async () => {
      const person = await registerWithSecondFactor(server)
      const [first = '', second = ''] = person.backupCodes
      let access = ''
      const mail = await mailCausedBy(server, { to: person.email, subject: used }, async () => {
        const answer = await answerChallenge(server, await challengeFor(server, person), first)
        access = tokensOf(answer).access
      })
      assert.ok(!mail.text.includes(first))
      await mailCausedBy(server, { to: person.email, subject: used }, () => disable(server, access, second))
    })

    it('in the language of the request', async () => {
      const person = await registerAndSignIn(server)
      const { secret } = await enrol(server, person.access)
      const headers = { 'accept-language': 'nb' }
      const json = { code: nextCode(server, secret) }
      const subject = /^Et ekstra innloggingstrinn er satt opp hos WolfPal$/
      const mail = await mailCausedBy(server, { to: person.email, subject }, () =>
        send(server, 'PUT', '/account/two-factor', { bearer: person.access, json, headers }),
      )
      assert.match(mail.text, /Var det ikke deg/)
    })

    it('without any part of a user agent that a mail client would link', async () => {
      const person = await registerAndSignIn(server)
      const { secret } = await enrol(server, person.access)
      const headers = { 'user-agent': 'https://evil.example/x (call 0800 123 456) evil.example/1.0' }
      const json = { code: nextCode(server, secret) }
      const { text, links } = await mailCausedBy(server, { to: person.email, subject: set }, () =>
        send(server, 'PUT', '/account/two-factor', { bearer: person.access, json, headers }),
      )
      assert.doesNotMatch(text, /evil\.|https:|0800/)
      assert.deepEqual(
        links.map((link) => new URL(link).pathname),
        ['/ui/account/activity', '/ui/forgot-password'],
      )
    })

    it('without the place, at an unproven address where a number is proven', async () => {
      const person = await registerAndSignIn(server)
      const phone = vastly.freshPhone()
      await execute(
        server.env.DATABASE_URL ?? '',
        `update accounts set phone = '${phone}', phone_verified_at = 1, email_verified_at = null
         where email = '${person.email}'`,
      )
      const { secret } = await enrol(server, person.access)
      const { text } = await mailCausedBy(server, { to: person.email, subject: set }, () =>
        confirm(server, person.access, nextCode(server, secret)),
      )
      assert.doesNotMatch(text, /127\.|Device:|IP address:/)
    })

    it('once, and never for a wrong code or a pending change', async () => {
      const person = await registerAndSignIn(server)
      const { secret } = await enrol(server, person.access)
      await confirm(server, person.access, '000000')
      await endOfJobs(server)
      assert.equal((await noticesTo(server, person)).length, 0)
      assert.equal((await confirm(server, person.access, nextCode(server, secret))).status, 200)
      await disable(server, person.access, '000000')
      await disable(server, person.access, 'nonsense')
      await endOfJobs(server)
      assert.deepEqual(await noticesTo(server, person), ['A second step was set up at WolfPal'])
    })
  })

  describe('ends every other session, at every door', () => {
    it('when it comes into force, except the session that did it', async () => {
      const person = await registerAndSignIn(server)
      const others = await sessionsOf(server, person)
      const { secret } = await enrol(server, person.access)
      await assertLive(server, others)
      assert.equal((await confirm(server, person.access, nextCode(server, secret))).status, 200)
      await assertEnded(server, others)
      assert.equal((await whoAmI(server, person.access)).status, 200)
      tokensOf(await refresh(server, person.refresh))
    })

    it('when it is removed', async () => {
      const person = await registerWithSecondFactor(server)
      const challenge = await challengeFor(server, person)
      const other = tokensOf(await answerChallenge(server, challenge, nextCode(server, person.secret)))
      assert.equal((await disable(server, person.access, nextCode(server, person.secret))).status, 200)
      assertUnauthorized(await whoAmI(server, other.access))
      assertUnauthorized(await refresh(server, other.refresh))
      tokensOf(await refresh(server, person.refresh))
    })

    it('when a recovery code is used to sign in, and not for the authenticator', async () => {
      const person = await registerWithSecondFactor(server)
      const byApp = await answerChallenge(
        server,
        await challengeFor(server, person),
        nextCode(server, person.secret),
      )
      const other = tokensOf(byApp)
      assert.equal((await whoAmI(server, person.access)).status, 200)
      const [code = ''] = person.backupCodes
      const mine = tokensOf(await answerChallenge(server, await challengeFor(server, person), code))
      for (const { access, refresh: token } of [person, other]) {
        assertUnauthorized(await whoAmI(server, access))
        assertUnauthorized(await refresh(server, token))
      }
      assert.equal((await whoAmI(server, mine.access)).status, 200)
    })

    it('of that account alone', async () => {
      const [person, stranger] = [await registerAndSignIn(server), await registerAndSignIn(server)]
      const { secret } = await enrol(server, person.access)
      assert.equal((await confirm(server, person.access, nextCode(server, secret))).status, 200)
      assert.equal((await whoAmI(server, stranger.access)).status, 200)
    })
  })

  it('voids pending sign-ins', async () => {
    const person = await registerWithSecondFactor(server)
    const { username, secret, backupCodes } = person
    const waiting = await challengeFor(server, person)
    const cookie = await beginLogin(server)
    const proven = await server.request('POST', '/api/oauth/login', {
      json: { username, password, otp: nextCode(server, secret) },
      headers: { cookie },
    })
    const path = proven.headers.get('x-redirect') ?? ''
    assert.match(path, /\?code=/)
    assert.equal((await disable(server, person.access, nextCode(server, secret))).status, 200)
    assertCode(await answerChallenge(server, waiting, backupCodes[0] ?? ''), ...invalidChallenge)
    assert.equal((await server.request('GET', path, { headers: { cookie } })).status, 400)

    const again = await beginLogin(server)
    const before = await proveLogin(server, again, person)
    const next = await enrol(server, person.access)
    assert.equal((await confirm(server, person.access, nextCode(server, next.secret))).status, 200)
    assert.equal((await server.request('GET', before, { headers: { cookie: again } })).status, 400)
  })

  it('leaves no session open that began concurrently without it', async () => {
    let isTried = false
    for (let round = 0; round < 8; round++) {
      const person = await registerAndSignIn(server)
      const { secret } = await enrol(server, person.access)
      const code = nextCode(server, secret)
      const attempts = Array.from({ length: 6 }, () => login(server, person))
      const [confirmed, ...answers] = await Promise.all([confirm(server, person.access, code), ...attempts])
      assert.equal(confirmed.status, 200)
      for (const { status, body } of answers) {
        assert.equal(status, 200)
        if (body.access_token === undefined) isTried = true
        else assertUnauthorized(await whoAmI(server, body.access_token))
      }
    }
    assert.ok(isTried)
  })

  it('is in the audit trail', async () => {
    const person = await registerAndSignIn(server)
    const { secret, backupCodes } = await enrol(server, person.access)
    await confirm(server, person.access, nextCode(server, secret))
    await answerChallenge(server, await challengeFor(server, person), backupCodes[0] ?? '')
    const { access } = tokensOf(
      await answerChallenge(server, await challengeFor(server, person), nextCode(server, secret)),
    )
    await disable(server, access, nextCode(server, secret))
    const rows = await auditOf(server, person, "event like 'second_factor.%'")
    assert.deepEqual(
      rows.map(({ event }) => event),
      ['enrolled', 'enabled', 'recovery_code_used', 'disabled'].map((word) => `second_factor.${word}`),
    )
  })
})

onEveryEngine('the audit row of a sign-in', (engine) => {
  const server = useServer(engine)

  it('names the factors that were shown', async () => {
    const person = await registerAndSignIn(server)
    const { secret, backupCodes } = await enrol(server, person.access)
    await confirm(server, person.access, nextCode(server, secret))
    for (const code of [nextCode(server, secret), backupCodes[0] ?? ''])
      tokensOf(await answerChallenge(server, await challengeFor(server, person), code))
    const cookie = await beginLogin(server)
    const { username } = person
    const json = { username, password, otp: nextCode(server, secret) }
    const proven = await server.request('POST', '/api/oauth/login', { json, headers: { cookie } })
    await server.request('GET', proven.headers.get('x-redirect') ?? '', { headers: { cookie } })
    const rows = await auditOf(server, person, "event = 'sign_in' and outcome = 'success'")
    assert.deepEqual(
      rows.map(({ detail }) => detail),
      ['password', 'password+authenticator', 'password+recovery_code', 'password+authenticator'],
    )
  })

  it('says that the password has just been set', async () => {
    const mobile = vastly.freshPhone()
    await vastly.register(server, { mobile })
    const token = await vastly.sentCode(server, mobile)
    vastly.tokenOf(await vastly.resetBySms(server, { token }))
    const rows = await select(
      server.env.DATABASE_URL ?? '',
      `select detail from audit where event = 'sign_in' and account_id =
         (select id from accounts where phone = '${mobile}') order by id`,
    )
    assert.deepEqual(
      rows.map(({ detail }) => detail),
      ['sign_up', 'password_reset'],
    )
  })
})

/** The subjects of the mails about a second factor that somebody has got. */
async function noticesTo(server: TestServer, { email }: Person): Promise<string[]> {
  const about = [set, removed, used]
  return (await server.mailbox())
    .filter(({ to, subject }) => to === email && about.some((known) => known.test(subject)))
    .map(({ subject }) => subject)
}

/** What the audit trail has of an account, oldest first. */
function auditOf(server: TestServer, { email }: Person, condition: string) {
  return select(
    server.env.DATABASE_URL ?? '',
    `select event, detail from audit where account_id = (select id from accounts where email = '${email}')
       and ${condition} order by id`,
  )
}
