import assert from 'node:assert/strict'
import { credebl, minbil, type Person, signUpVerified } from '../../harness/doors.ts'
import { eventually } from '../../harness/events.ts'
import { type Answer, claimsOf, queryOf, type TestServer } from '../../harness/harness.ts'

/** What a run made use of. */
export interface Used {
  passwords: string[]
  /** Some of every kind of token, by which one can tell that a search for tokens overlooks no kind. */
  tokens: string[]
}

/**
 * Goes through everything that two people do at the two doors, mishaps included, and leaves each of them with a live
 * session and an unused link.
 */
export async function useEverySecret(server: TestServer, emails: string[]): Promise<Used> {
  const [first = '', second = ''] = emails
  const run = recordingRun(server)
  await useMinbil(run, first)
  await useCredebl(run, second)
  await mishaps(run, first)
  for (const email of emails) await lastLink(server, email)
  return { passwords: [...run.passwords], tokens: [...run.tokens] }
}

type Run = ReturnType<typeof recordingRun>

function recordingRun(server: TestServer) {
  const passwords = new Set<string>()
  const tokens = new Set<string>()
  return {
    passwords,
    tokens,
    mail: server.mail,
    request: server.request,
    /** Sends a request that must be answered with this status. */
    send: async (status: number, ...request: Parameters<TestServer['request']>): Promise<Answer> => {
      const answer = await server.request(...request)
      assert.equal(answer.status, status, `${request[0]} ${request[1]}: ${answer.text}`)
      return answer
    },
    password: (password: string) => {
      passwords.add(password)
      return password
    },
    token: <T extends string | undefined>(token: T) => {
      assert.ok(token)
      tokens.add(token)
      return token
    },
  }
}

async function useMinbil(run: Run, email: string): Promise<void> {
  const base = '/api/co/auth'
  const person: Person = { email, password: run.password('Sesam öffne dich 4711') }
  await run.send(201, 'POST', `${base}/sign-up`, { json: person })
  const confirm = await run.mail(email, /^Confirm/)
  const code = run.token(queryOf(confirm.links[0], 'token'))
  await run.send(200, 'GET', `/ui/verify-email?token=${code}`)
  await run.send(200, 'POST', '/ui/verify-email', { form: { token: code } })

  const signIn = await run.send(200, 'POST', `${base}/sign-in`, { json: person })
  const opened = minbil.tokensOf(signIn)
  run.token(opened.access)
  const cookie = signIn.cookies.find((cookie) => cookie.startsWith('__Secure-minbil-refresh=')) ?? ''
  run.token(cookie.split('=')[1])
  const second = minbil.tokensOf(await minbil.refresh(run, run.token(opened.refresh)))
  await minbil.refresh(run, opened.refresh)
  const third = await run.send(200, 'POST', `${base}/refresh`, {
    headers: { cookie: `__Secure-minbil-refresh=${run.token(second.refresh)}` },
  })
  const fourth = await run.send(200, 'POST', `${base}/refresh`, { bearer: third.body.refresh_token })
  await run.send(200, 'POST', `${base}/refresh`, { bearer: fourth.body.access_token })
  await run.send(401, 'POST', `${base}/refresh`, { json: { refresh_token: opened.refresh } })
  await run.mail(email, /^You were signed out/)

  await run.send(200, 'POST', `${base}/forgot-password`, { json: { email } })
  const token = run.token(queryOf((await run.mail(email, /^Set a new password/)).links[0], 'token'))
  await run.send(200, 'GET', `/ui/reset-password?token=${token}`)
  const short = run.password('kurz-47')
  await run.send(400, 'POST', `${base}/reset-password`, { json: { token, password: short } })
  await run.send(400, 'POST', '/ui/reset-password', { form: { token, password: short } })
  person.password = run.password('ein ganz neues Passwort 0815')
  await run.send(200, 'POST', `${base}/reset-password`, { json: { token, password: person.password } })
  await run.send(400, 'POST', `${base}/reset-password`, { json: { token, password: person.password } })
  await run.mail(email, /was changed$/)

  const { access } = minbil.tokensOf(await minbil.signIn(run, person))
  await run.send(200, 'POST', `${base}/sign-out`, { bearer: run.token(access) })
  run.token(minbil.tokensOf(await minbil.signIn(run, person)).refresh)
  await run.send(200, 'POST', `${base}/forgot-password`, { json: { email } })
}

async function useCredebl(run: Run, email: string): Promise<void> {
  const person: Person = { email, password: run.password('correct horse battery 23') }
  await run.send(201, 'POST', '/auth/verification-mail', { json: { email } })
  const confirm = await run.mail(email, /^Confirm/)
  const code = run.token(queryOf(confirm.links[0], 'verificationCode'))
  const query = new URLSearchParams({ email, verificationCode: code })
  const verified = await run.send(200, 'GET', `/auth/verify?${query}`)
  const [cookie = ''] = verified.cookies
  assert.match(cookie, /^__Host-credebl-verification=/)
  const names = { firstName: 'Ada', lastName: 'Example' }
  await run.send(201, 'POST', '/auth/signup', { json: { ...person, ...names }, headers: { cookie } })
  await signUpVerified(run, person, code)

  const opened = credebl.tokensOf(await credebl.signIn(run, person))
  run.token(opened.access)
  const second = credebl.tokensOf(await credebl.refresh(run, run.token(opened.refresh)))
  await credebl.refresh(run, opened.refresh)
  const third = credebl.tokensOf(await credebl.refresh(run, run.token(second.refresh)))
  const profile = await run.send(200, 'GET', '/users/profile', { bearer: third.access })
  await run.send(200, 'GET', `/auth/${profile.body.data.id}/sessions`, { bearer: third.access })
  await run.send(401, 'POST', '/auth/refresh-token', { json: { refreshToken: opened.refresh } })

  await run.send(200, 'POST', '/auth/forgot-password', { json: { email, clientAlias: 'VERIFIER' } })
  const reset = await run.mail(email, /^Set a new password/)
  const token = run.token(queryOf(reset.links[0], 'verificationCode'))
  const byMail = run.password('chosen by mail 1234')
  await run.send(400, 'POST', `/auth/password-reset/nobody-${email}`, { json: { token, password: byMail } })
  await run.send(200, 'POST', `/auth/password-reset/${email}`, { json: { token, password: byMail } })
  const changed = { email, oldPassword: byMail, newPassword: run.password('and changed 56789') }
  await run.send(200, 'POST', '/auth/reset-password', { json: changed })
  await run.send(401, 'POST', '/auth/reset-password', { json: changed })
  person.password = changed.newPassword

  const one = credebl.tokensOf(await credebl.signIn(run, person))
  const other = await credebl.signIn(run, person)
  const { sessionId: handle, access_token: others } = other.body.data
  await run.send(200, 'GET', `/auth/sessionDetails?sessionId=${run.token(handle)}`)
  await run.send(200, 'DELETE', `/auth/${claimsOf(others).sid}/sessions`, { bearer: one.access })
  await run.send(404, 'GET', `/auth/sessionDetails?sessionId=${handle}`)
  await run.send(200, 'POST', '/auth/signout', { bearer: run.token(one.access) })
  run.token(credebl.tokensOf(await credebl.signIn(run, person)).refresh)
  await run.send(200, 'POST', '/auth/forgot-password', { json: { email } })
}

/** Waits for the second link to a new password, which nobody uses. */
async function lastLink(server: TestServer, email: string): Promise<void> {
  await eventually(`a second link to ${email}`, async () => {
    const mails = await server.mailbox()
    const links = mails.filter(({ to, subject }) => to === email && /^Set a new password/.test(subject))
    return links.length === 2 || undefined
  })
}

/** Secrets at places where they do not belong, and those of nobody. */
async function mishaps(run: Run, email: string): Promise<void> {
  const wrong = run.password('a wrong password 99')
  const live = [...run.tokens].at(-1) ?? ''
  await run.send(401, 'POST', '/api/co/auth/sign-in', { json: { email, password: wrong } })
  await run.send(401, 'POST', '/auth/signin', { json: { email: `no-${email}`, password: wrong } })
  await run.send(409, 'POST', '/api/co/auth/sign-up', { json: { email, password: wrong } })
  await run.send(400, 'POST', '/api/co/auth/sign-in', { json: { email: wrong, password: [wrong] } })
  await run.send(400, 'POST', '/auth/signin', {
    raw: `{"email":"${email}","password":"${wrong}"`,
    headers: { 'content-type': 'application/json' },
  })
  await run.send(415, 'POST', '/auth/signin', { raw: wrong, headers: { 'content-type': 'text/plain' } })
  await run.send(404, 'GET', `/api/co/auth/${live}?password=${encodeURIComponent(wrong)}`)
  await run.send(404, 'GET', `/ui/reset-password?token=${live}`)
  await run.send(400, 'POST', '/api/co/auth/reset-password', { json: { token: live, password: wrong } })
  await run.send(401, 'POST', '/api/co/auth/refresh', { json: { refresh_token: live }, bearer: live })
  await run.send(401, 'POST', '/auth/signout', { bearer: live })
  await run.send(401, 'GET', `/auth/verify?email=x&verificationCode=${live}`)
}
