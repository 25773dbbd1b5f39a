import assert from 'node:assert/strict'
import { it } from 'node:test'
import {
  answerChallenge,
  assertCode,
  challengeFor,
  codeAt,
  confirm,
  disable,
  type Enrolment,
  enrol,
  invalidChallenge,
  login,
  nextCode,
  registerAndSignIn,
  registerWithSecondFactor,
  send,
  tokensOf,
  toNextStep,
  wrongCode,
  wrongLoginCode,
} from '../../dialects/wolfpal/door.ts'
import { type Cluster, onEveryCluster } from '../../harness/cluster.ts'
import { type Answer, queryOf } from '../../harness/harness.ts'

const callers = 24

onEveryCluster('races for a second factor', (cluster) => {
  it('accepts an authenticator code once', async () => {
    const person = await openFactor()
    const challenges = await cluster.race(callers, (server) => challengeFor(server, person))
    assert.equal(new Set(challenges).size, callers)
    const code = nextCode(await clockOf(cluster), person.secret)
    const answers = await cluster.race(callers, (server, index) =>
      answerChallenge(server, challenges[index] ?? '', code),
    )
    assertOneWins(answers, (answer) => assertCode(answer, ...wrongLoginCode))
    await assertSessions(person.access, 2)
  })

  it('accepts a recovery code once', async () => {
    const person = await openFactor()
    const challenges = await cluster.race(callers, (server) => challengeFor(server, person))
    const [code = ''] = person.backupCodes
    const answers = await cluster.race(callers, (server, index) =>
      answerChallenge(server, challenges[index] ?? '', code),
    )
    const winner = assertOneWins(answers, (answer) => assertCode(answer, ...wrongLoginCode))
    // A recovery code ends the other one.
    await assertSessions(winner.body.access_token, 1)
  })

  it('accepts a challenge once, whatever right codes are sent', async () => {
    const person = await openFactor()
    const challenge = await challengeFor(cluster, person)
    const codes = [nextCode(await clockOf(cluster), person.secret), ...person.backupCodes]
    const answers = await cluster.race(callers, (server, index) =>
      answerChallenge(server, challenge, codes[index % codes.length] ?? ''),
    )
    const winner = assertOneWins(answers, ({ status, body }) => {
      const refusals = ['400 INVALID_TWO_FACTOR_TOKEN', '401 INVALID_TWO_FACTOR_CODE']
      assert.ok(refusals.includes(`${status} ${body.code}`), `${status} ${body.code}`)
    })
    const isAuthenticator = answers.indexOf(winner) % codes.length === 0
    await assertSessions(winner.body.access_token, isAuthenticator ? 2 : 1)
  })

  it('checks five of many codes for one challenge', async () => {
    const person = await openFactor()
    const challenge = await challengeFor(cluster, person)
    const clock = await clockOf(cluster)
    const wrong = wrongCode(clock, person.secret)
    const answers = await cluster.race(callers, (server) => answerChallenge(server, challenge, wrong))
    const judged = answers.filter(({ status }) => status === 401)
    assert.equal(judged.length, 5)
    for (const answer of judged) assertCode(answer, ...wrongLoginCode)
    for (const answer of answers) if (answer.status !== 401) assertCode(answer, ...invalidChallenge)
    const right = nextCode(clock, person.secret)
    assertCode(await answerChallenge(cluster, challenge, right), ...invalidChallenge)
    await assertSessions(person.access, 1)
  })

  it('is confirmed once', async () => {
    const { access } = await registerAndSignIn(cluster)
    const { secret } = await enrol(cluster, access)
    const code = nextCode(await clockOf(cluster), secret)
    const answers = await cluster.race(callers, (server) => confirm(server, access, code))
    assertOneWins(answers, ({ status, body }) =>
      assert.deepEqual([status, body.code], [400, 'TWO_FACTOR_NOT_INITIALIZE']),
    )
  })

  it('is one of those enrolled concurrently, with its own recovery codes', async () => {
    const person = await registerAndSignIn(cluster)
    const enrolments = await cluster.race(8, (server) => enrol(server, person.access))
    const clock = await clockOf(cluster)
    toNextStep(clock)
    const confirmed: Enrolment[] = []
    for (const enrolment of enrolments) {
      const { status } = await confirm(cluster, person.access, codeAt(clock, enrolment.secret))
      if (status === 200) confirmed.push(enrolment)
    }
    assert.equal(confirmed.length, 1)
    const challenge = await challengeFor(cluster, person)
    const other = enrolments.find((enrolment) => enrolment !== confirmed[0])
    assertCode(await answerChallenge(cluster, challenge, other?.backupCodes[0] ?? ''), ...wrongLoginCode)
    tokensOf(await answerChallenge(cluster, challenge, confirmed[0]?.backupCodes[0] ?? ''))
  })

  it('is not replaced while it is confirmed', async () => {
    const { access } = await registerAndSignIn(cluster)
    const clock = await clockOf(cluster)
    for (let round = 0; round < 12; round++) {
      const { secret } = await enrol(cluster, access)
      const code = nextCode(clock, secret)
      const place = round % 6
      const answers = await cluster.race(6, (server, index) =>
        index === place
          ? confirm(server, access, code)
          : send(server, 'POST', '/account/two-factor', { bearer: access }),
      )
      const enrolled = answers.filter((_, index) => index !== place).map(({ status }) => status)
      if (answers[place]?.status !== 200) {
        assert.ok(enrolled.includes(200))
        continue
      }
      assert.deepEqual(new Set(enrolled), new Set([409]))
      assert.equal((await disable(cluster, access, nextCode(clock, secret))).status, 200)
    }
  })

  it('is removed once', async () => {
    const { access, secret } = await openFactor()
    const code = nextCode(await clockOf(cluster), secret)
    const answers = await cluster.race(callers, (server) => disable(server, access, code))
    assertOneWins(answers, ({ status }) => assert.equal(status, 400))
  })

  it('lets nobody in whose password was reset meanwhile', async () => {
    const loginsAtOnce = 8
    const person = await openFactor()
    let current = person.password
    let challenged = 0
    for (let place = 0; place < loginsAtOnce; place++) {
      const password = `password of round ${place}`
      const path = `/user/reset-password/${await mailReset(person.email)}`
      const answers = await cluster.race(loginsAtOnce, (server, index) =>
        index === place
          ? send(server, 'POST', path, { json: { password, confirmPassword: password } })
          : login(server, { email: person.email, password: current }),
      )
      assert.equal(answers[place]?.status, 200, answers[place]?.text)
      const code = nextCode(await clockOf(cluster), person.secret)
      for (const answer of answers.filter((_, index) => index !== place)) {
        if (answer.status === 400) assert.equal(answer.body.code, 'INVALID_CREDENTIALS')
        else {
          challenged++
          assertCode(await answerChallenge(cluster, answer.body.token, code), ...invalidChallenge)
        }
      }
      current = password
    }
    assert.notEqual(challenged, 0, 'no login came before a reset, so nothing was tested')
    const challenge = await challengeFor(cluster, { ...person, password: current })
    tokensOf(await answerChallenge(cluster, challenge, nextCode(await clockOf(cluster), person.secret)))
  })

  async function openFactor() {
    return registerWithSecondFactor({ ...cluster, ...(await clockOf(cluster)) })
  }

  async function assertSessions(bearer: string, count: number): Promise<void> {
    assert.equal((await send(cluster, 'GET', '/sessions', { bearer })).body.total, count)
  }

  async function mailReset(email: string): Promise<string> {
    const resetMails = async () =>
      (await cluster.mails()).filter(({ to, subject }) => to === email && /^Set a new/.test(subject))
    const earlier = new Set((await resetMails()).map(({ id }) => id))
    const asked = await send(cluster, 'POST', '/user/forgot-password', { json: { email } })
    assert.equal(asked.status, 200, asked.text)
    const [mail, ...others] = (await resetMails()).filter(({ id }) => !earlier.has(id))
    assert.equal(others.length, 0)
    return queryOf(mail?.links[0], 'token')
  }
})

/** The clock that all servers of a cluster go by. */
async function clockOf(cluster: Cluster) {
  const [clock] = await cluster.race(1, async ({ clock }) => clock)
  assert.ok(clock)
  return { clock }
}

/** One answer holds tokens or says that it is done, and every other is refused as `assertRefused` says; that one. */
function assertOneWins(answers: Answer[], assertRefused: (answer: Answer) => void): Answer {
  const [winner = assert.fail('nobody wins'), ...others] = answers.filter(({ status }) => status === 200)
  assert.equal(others.length, 0)
  for (const answer of answers) {
    if (answer === winner) continue
    assertRefused(answer)
    assert.doesNotMatch(answer.text, /eyJ/)
  }
  return winner
}
