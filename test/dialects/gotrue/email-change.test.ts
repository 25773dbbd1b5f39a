import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { openAccount, type Session, signInAgain, subjects } from '../../contract/support.ts'
import { copySecondFactor } from '../../harness/copied-second-factor.ts'
import {
  type Answer,
  claimsOf,
  freshEmail,
  mailCausedBy,
  onEveryEngine,
  type TestServer,
  useServer,
} from '../../harness/harness.ts'
import { endOfJobs } from '../../harness/jobs.ts'
import { gotrue } from './adapter.ts'
import { follow, locationOf, press } from './links.ts'
import { codeIn, tokenIn } from './mails.ts'

const base = '/auth/v1'
const halfDone = {
  msg: 'Confirmation link accepted. Please proceed to confirm link sent to the other email',
  code: '200',
}

/** What the mail of one of the two mailboxes holds. */
interface Secrets {
  email: string
  link: string
  token_hash: string
  token: string
}

/** A change that waits for both mailboxes. */
interface Change extends Session {
  newEmail: string
  current: Secrets
  next: Secrets
}

onEveryEngine('a change of the e-mail address at gotrue', (engine) => {
  const server = useServer(engine)
  const at = actionsAt(server)
  const { begin, confirm, confirmByCode, user, assertRefused, signIn } = at

  it('takes both mailboxes, and then opens a session', async () => {
    const { access, email, password, newEmail, current, next } = await begin()
    const { new_email, email_change_sent_at, ...rest } = await user(access)
    assert.deepEqual([rest.email, new_email], [email, newEmail])
    assert.ok(Math.abs(Date.parse(email_change_sent_at) - server.clock.now()) < 60_000)

    const first = await confirm(current)
    assert.deepEqual([first.status, first.body], [200, halfDone])
    assertRefused(await confirm(current), 'Email link is invalid or has expired')
    assert.deepEqual([(await user(access)).email, (await user(access)).new_email], [email, newEmail])

    const told = await mailCausedBy(server, { to: email, subject: /was changed/ }, async () => {
      const last = await confirm(next)
      assert.equal(last.status, 200, last.text)
      assert.deepEqual([last.body.user.email, last.body.user.new_email], [newEmail, undefined])
      assert.equal(last.body.user.identities[0].email, newEmail)
      const { aal, amr } = claimsOf(last.body.access_token)
      assert.deepEqual([aal, amr[0].method], ['aal1', 'otp'])
      assert.equal((await gotrue.ask(server, last.body.access_token)).status, 200)
    })
    assert.match(told.links.join(), /undo-change/)
    assertRefused(await confirm(next))
    const changed = await user(access)
    assert.deepEqual([changed.email, 'new_email' in changed], [newEmail, false])
    assert.equal('email_change_sent_at' in changed, false)
    assert.deepEqual([await signIn(newEmail, password), await signIn(email, password)], [200, 400])
  })

  it('takes the codes of the mails, in either order', async () => {
    const { access, newEmail, current, next } = await begin()
    assertRefused(await confirmByCode({ ...next, email: current.email }))
    assertRefused(await confirmByCode({ ...next, token: otherThan(next.token) }))
    assert.deepEqual((await confirmByCode(next)).body, halfDone)
    assertRefused(await confirmByCode(next), 'Token has expired or is invalid')
    const last = await confirmByCode(current)
    assert.equal(last.body.user?.email, newEmail, last.text)
    assert.equal((await user(access)).email, newEmail)
  })

  it('is done once, however often both confirm at the same time', async () => {
    const { access, newEmail, current, next } = await begin()
    const answers = await Promise.all([current, next, current, next].map(confirm))
    const statuses = answers.map(({ status }) => status).sort()
    assert.deepEqual(statuses, [200, 200, 403, 403], answers.map(({ text }) => text).join())
    assert.equal(answers.filter(({ body }) => body.access_token).length, 1)
    assert.equal((await user(access)).email, newEmail)
  })

  it('gives an address that somebody has to nobody, and tells them alone', async () => {
    const { email: taken } = await openAccount(gotrue, server)
    const session = await at.open()
    const answer = await at.ask(session, taken)
    assert.equal(answer.body.new_email, taken)
    await server.mail(taken, /account/)
    const current = await at.secretsOf(session.email)
    await endOfJobs(server)
    assert.equal(
      (await server.mailbox()).some(({ to, subject }) => to === taken && /Confirm your new/.test(subject)),
      false,
    )
    assert.deepEqual((await confirm(current)).body, halfDone)
    assert.equal((await user(session.access)).email, session.email)
  })

  it('is not done where somebody has got the address meanwhile', async () => {
    const change = await begin()
    await confirm(change.current)
    await gotrue.openAccount(server, { email: change.newEmail, password: change.password })
    assertRefused(await confirm(change.next))
    assert.equal((await user(change.access)).email, change.email)
  })

  it('lets two accounts want one address, each by its own mails', async () => {
    const newEmail = freshEmail()
    const first = await begin({ newEmail })
    const second = await begin({ newEmail })
    assert.deepEqual((await confirm(first.next)).body, halfDone)
    assert.deepEqual((await confirmByCode(second.next)).body, halfDone)
    assert.equal((await confirm(second.current)).body.user.email, newEmail)
    assertRefused(await confirm(first.current))
  })

  it('has one code in force for a mailbox that many accounts want, of the newest mail', async () => {
    const newEmail = freshEmail()
    const owner = await begin({ newEmail })
    server.clock.advance(1000)
    const others = [await begin({ newEmail }), await begin({ newEmail })]
    for (const { next } of [owner, ...others.slice(0, 1)]) assertRefused(await confirmByCode(next))
    server.clock.advance(1000)
    let again: Secrets | undefined
    const current = await at.secretsOf(owner.email, async () => {
      again = await at.secretsOf(newEmail, () => at.resend(owner.email))
    })
    assert.ok(again)
    for (const { next } of others) {
      assertRefused(await confirmByCode(next))
      assertRefused(await confirmByCode({ ...next, token: otherThan(again.token) }))
    }
    assert.deepEqual((await confirmByCode(again)).body, halfDone)
    assert.equal((await confirm(current)).body.user.email, newEmail)
  })

  it('gives a session that lacks the second factor of the account', async () => {
    const { access, current, next } = await begin()
    await copySecondFactor(server, claimsOf(access).sub, 'JBSWY3DPEHPK3PXP')
    await confirm(current)
    const last = await confirm(next)
    assert.equal(last.status, 200, last.text)
    const { aal, role } = claimsOf(last.body.access_token)
    assert.deepEqual([aal, role], ['aal1', 'mfa_pending'])
  })
})

describe('a pending change of the e-mail address at gotrue', () => {
  const server = useServer('sqlite')
  const at = actionsAt(server)
  const { begin, confirm, confirmByCode, user, assertRefused } = at

  it('is given up for a newer one', async () => {
    const { access, email, password, refresh, ...earlier } = await begin()
    const newer = await begin({ session: { access, email, password, refresh } })
    for (const secrets of [earlier.current, earlier.next]) assertRefused(await confirm(secrets))
    await confirm(newer.current)
    assert.equal((await confirm(newer.next)).body.user.email, newer.newEmail)
  })

  it('is void with a new password', async () => {
    const { access, current, next } = await begin()
    const answer = await server.request('PUT', `${base}/user`, {
      bearer: access,
      json: { password: 'another password altogether' },
    })
    assert.equal('new_email' in answer.body, false)
    for (const secrets of [current, next]) assertRefused(await confirm(secrets))
  })

  it('ends after a day', async () => {
    const { current, next } = await begin()
    await confirm(current)
    server.clock.advance(24 * 60 * 60_000 + 1000)
    assertRefused(await confirm(next))
  })

  it('has codes that die by five guesses, and links that do not', async () => {
    const { current, next } = await begin()
    const token = otherThan(next.token)
    for (let guess = 0; guess < 5; guess++) assertRefused(await confirmByCode({ ...next, token }))
    assertRefused(await confirmByCode(next))
    assert.deepEqual((await confirmByCode(current)).body, halfDone)
    assert.equal((await confirm(next)).status, 200)
  })

  it('is no link of the account page, and no other mail', async () => {
    const { next } = await begin()
    for (const type of ['signup', 'recovery', 'magiclink', 'email', 'invite']) {
      const { token_hash } = next
      assertRefused(await server.request('POST', `${base}/verify`, { json: { type, token_hash } }))
    }
    const page = await server.request('GET', `/ui/confirm-change?token=${next.token_hash}`)
    assert.notEqual(page.status, 200)
  })

  it('has its mails sent again, as far as they are not confirmed', async () => {
    const change = await begin()
    await confirm(change.current)
    await endOfJobs(server)
    const mailsTo = async (to: string) => (await server.mailbox()).filter((mail) => mail.to === to).length
    const before = await mailsTo(change.email)
    const next = await at.secretsOf(change.newEmail, () => at.resend(change.email))
    await endOfJobs(server)
    assert.equal(await mailsTo(change.email), before)
    assertRefused(await confirm(change.next))
    assert.equal((await confirm(next)).body.user.email, change.newEmail)
  })

  it('is nothing that a request for mails tells of', async () => {
    const { email } = await at.open()
    const unknown = freshEmail()
    for (const to of [email, unknown]) {
      const answer = await at.resend(to)
      assert.deepEqual([answer.status, answer.body], [200, {}])
    }
    await endOfJobs(server)
    assert.equal(
      (await server.mailbox()).some(({ to }) => to === unknown),
      false,
    )
    assert.equal((await user((await at.open()).access)).new_email, undefined)
  })
})

describe('the links of a change of the e-mail address at gotrue', () => {
  const server = useServer('sqlite')
  const { begin, user } = actionsAt(server)
  const home = 'http://localhost:3000/'
  const verifier = 'a-verifier-of-forty-three-characters-or-more-1'
  const code_challenge = createHash('sha256').update(verifier).digest('base64url')

  it('show a page whose button confirms; the last one signs in', async () => {
    const { access, email, newEmail, current, next } = await begin()
    const page = await follow(server, current.link)
    assert.match(page.text, /Change your e-mail address/)
    const ends = new URL(locationOf(await press(server, page)))
    assert.equal(ends.origin + ends.pathname + ends.search, home)
    assert.equal(new URLSearchParams(ends.hash.slice(1)).get('message'), halfDone.msg)
    assert.match(locationOf(await press(server, page)), /#error=access_denied&error_code=otp_expired/)

    const last = await follow(server, next.link)
    assert.equal((await user(access)).email, email)
    const values = new URLSearchParams(new URL(locationOf(await press(server, last))).hash.slice(1))
    assert.equal(values.get('type'), 'email_change')
    assert.equal((await user(values.get('access_token') ?? '')).email, newEmail)
  })

  it('give a code for the session, where that was asked for with a challenge, and nothing before both are opened', async () => {
    const asked = { code_challenge, code_challenge_method: 's256' }
    const { access, email, newEmail, current, next } = await begin({ asked })
    const first = new URL(locationOf(await press(server, await follow(server, next.link))))
    assert.equal(first.searchParams.get('message'), halfDone.msg)
    assert.equal(new URLSearchParams(first.hash.slice(1)).get('message'), halfDone.msg)

    const codes = [await codeOf(current.link), await codeOf(current.link)]
    assert.equal((await user(access)).email, email)
    const posted = await server.request('POST', `${base}/verify/confirm`, {
      form: { token: current.token_hash, type: 'email_change' },
    })
    assert.match(locationOf(posted), /error_code=otp_expired/)
    const redeemed = await redeem(codes[0], verifier)
    assert.equal(redeemed.status, 200, redeemed.text)
    assert.equal(redeemed.body.user.email, newEmail)
    assert.equal(claimsOf(redeemed.body.access_token).amr[0].method, 'email_change')
    assert.equal((await redeem(codes[1], verifier)).status, 404)
  })

  const codeOf = async (link: string) =>
    new URL(locationOf(await follow(server, link))).searchParams.get('code')
  const redeem = (auth_code: string | null | undefined, code_verifier: string) =>
    server.request('POST', `${base}/token?grant_type=pkce`, { json: { auth_code, code_verifier } })
})

describe('a change of an e-mail address that nobody has proven at gotrue', () => {
  const server = useServer('sqlite', { dialects: { gotrue: { autoconfirm: true } } })
  const at = actionsAt(server)

  it('takes the new mailbox alone', async () => {
    const email = freshEmail()
    const signedUp = await gotrue.signUp(server, { email, password: 'four words and blanks' })
    const newEmail = freshEmail()
    const next = await at.secretsOf(newEmail, () => at.ask({ access: signedUp.body.access_token }, newEmail))
    const last = await at.confirm(next)
    assert.equal(last.body.user?.email, newEmail, last.text)
    await endOfJobs(server)
    assert.equal(
      (await server.mailbox()).some(({ to, subject }) => to === email && subjects.reset.test(subject)),
      false,
    )
    assert.equal(
      (await server.mailbox()).some(({ to, subject }) => to === email && /changes|changed/.test(subject)),
      false,
    )
  })
})

/** What a person and their mailboxes do. */
function actionsAt(server: TestServer) {
  const open = async (): Promise<Session> => signInAgain(gotrue, server, await openAccount(gotrue, server))
  const ask = ({ access }: { access: string }, email: string, more: object = {}): Promise<Answer> =>
    server.request('PUT', `${base}/user`, { bearer: access, json: { email, ...more } })
  const verify = (json: object) =>
    server.request('POST', `${base}/verify`, { json: { type: 'email_change', ...json } })
  const resend = (email: string) =>
    server.request('POST', `${base}/resend`, { json: { type: 'email_change', email } })

  async function secretsOf(email: string, cause?: () => Promise<unknown>): Promise<Secrets> {
    const subject = /^Confirm (your new e-mail|that your e-mail)/
    const mail = cause
      ? await mailCausedBy(server, { to: email, subject }, cause)
      : await server.mail(email, subject)
    return { email, link: mail.links[0] ?? '', token_hash: tokenIn(mail), token: codeIn(mail) }
  }

  async function begin(
    given: { session?: Session; newEmail?: string; asked?: object } = {},
  ): Promise<Change> {
    const { session = await open(), newEmail = freshEmail(), asked } = given
    let next: Secrets | undefined
    const current = await secretsOf(session.email, async () => {
      next = await secretsOf(newEmail, async () => {
        const answer = await ask(session, newEmail, asked)
        assert.deepEqual([answer.status, answer.body.new_email], [200, newEmail], answer.text)
      })
    })
    assert.ok(next)
    return { ...session, newEmail, current, next }
  }

  return {
    open,
    ask,
    begin,
    resend,
    secretsOf,
    confirm: ({ token_hash }: Pick<Secrets, 'token_hash'>) => verify({ token_hash }),
    confirmByCode: ({ email, token }: Pick<Secrets, 'email' | 'token'>) => verify({ email, token }),
    user: async (bearer: string) => (await gotrue.ask(server, bearer)).body,
    signIn: async (email: string, password: string) =>
      (await gotrue.signIn(server, { email, password })).answer.status,
    assertRefused: (answer: Answer, message?: string) => {
      assert.deepEqual([answer.status, answer.body.error_code], [403, 'otp_expired'], answer.text)
      if (message) assert.equal(answer.body.msg, message)
    },
  }
}

function otherThan(code: string): string {
  return code === '000000' ? '111111' : '000000'
}
