import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Cluster, onEveryCluster } from '../harness/cluster.ts'
import {
  credebl,
  mailVerification,
  minbil,
  type Person,
  register,
  signUpVerified,
  type Tokens,
} from '../harness/doors.ts'
import { type Answer, freshEmail, queryOf } from '../harness/harness.ts'

const callers = 24

onEveryCluster('races', (cluster) => {
  it('opens one account when many sign up with one e-mail address', async () => {
    const email = freshEmail()
    const persons = personsWith(email)
    const answers = await cluster.race(callers, (server, index) =>
      server.request('POST', '/api/co/auth/sign-up', { json: persons[index] }),
    )
    assert.deepEqual(countByStatus(answers), { 201: 1, 409: callers - 1 })
    const winner = answers.findIndex(({ status }) => status === 201)
    await assertOnlyWinner(cluster, persons, winner)
    assert.equal((await cluster.mailsTo(email)).length, 1)
  })

  it('opens one account when many sign up with one verification code', async () => {
    const email = freshEmail()
    const code = await mailVerification(cluster, email)
    const persons = personsWith(email)
    const answers = await cluster.race(callers, (server, index) =>
      signUpVerified(server, persons[index] ?? { email, password: '' }, code),
    )
    const { 201: made, 404: used = 0, 409: taken = 0, ...rest } = countByStatus(answers)
    assert.deepEqual({ made, refused: used + taken, rest }, { made: 1, refused: callers - 1, rest: {} })
    const winner = answers.findIndex(({ status }) => status === 201)
    await assertOnlyWinner(cluster, persons, winner)
  })

  it('lets one of many who redeem a reset link set the password', async () => {
    const { email } = await register(cluster)
    const token = await mailReset(cluster, email)
    const persons = personsWith(email)
    const answers = await cluster.race(callers, (server, index) =>
      server.request('POST', '/api/co/auth/reset-password', {
        json: { token, password: persons[index]?.password },
      }),
    )
    assert.deepEqual(countByStatus(answers), { 200: 1, 400: callers - 1 })
    const winner = answers.findIndex(({ status }) => status === 200)
    await assertOnlyWinner(cluster, persons, winner)
    const mails = await cluster.mailsTo(email)
    assert.equal(mails.filter(({ subject }) => /was changed$/.test(subject)).length, 1)
  })

  it('leaves no session open of a password that was reset meanwhile', async () => {
    const signInsAtOnce = 8
    let current = await register(cluster)
    let opened = 0
    // Another place in the queue of passwords every time, as that decides who comes before the reset.
    for (let place = 0; place < signInsAtOnce; place++) {
      const next = { email: current.email, password: `password of round ${place}` }
      const token = await mailReset(cluster, current.email)
      const answers = await cluster.race(signInsAtOnce, (server, index) =>
        index === place
          ? server.request('POST', '/api/co/auth/reset-password', {
              json: { token, password: next.password },
            })
          : minbil.signIn(server, current),
      )
      assert.equal(answers[place]?.status, 200, answers[place]?.text)
      const signIns = answers.filter((_, index) => index !== place)
      for (const { status, text } of signIns) assert.ok(status === 200 || status === 401, text)
      const successes = signIns.filter(({ status }) => status === 200)
      opened += successes.length
      await Promise.all(successes.map((answer) => assertEnded(cluster, minbil.tokensOf(answer))))
      assert.equal((await minbil.signIn(cluster, current)).status, 401)
      current = next
    }
    assert.notEqual(opened, 0, 'no sign-in came before a reset, so nothing was tested')
    assert.equal((await minbil.signIn(cluster, current)).status, 200)
  })

  it('leaves ten sessions open when many sign in at once', async () => {
    const person = await register(cluster)
    const answers = await cluster.race(30, (server) => credebl.signIn(server, person))
    const tokens = answers.map((answer) => credebl.tokensOf(answer))
    const profiles = await Promise.all(
      tokens.map(({ access }) => cluster.request('GET', '/users/profile', { bearer: access })),
    )
    assert.deepEqual(countByStatus(profiles), { 200: 10, 401: 20 })
    const refreshes = await Promise.all(tokens.map(({ refresh }) => credebl.refresh(cluster, refresh)))
    assert.deepEqual(countByStatus(refreshes), { 200: 10, 401: 20 })
  })

  it('sends every mail once', async () => {
    const before = new Set((await cluster.mails()).map(({ id }) => id))
    const asked = await cluster.race(callers, (server) =>
      server.request('POST', '/auth/verification-mail', { json: { email: freshEmail() } }),
    )
    assert.deepEqual(countByStatus(asked), { 201: callers })
    const ids = (await cluster.mails()).map(({ id }) => id).filter((id) => !before.has(id))
    assert.equal(ids.length, callers)
    assert.equal(new Set(ids).size, callers)

    // All of them again, with every worker reaching for the same jobs at the same moment.
    const list = ids.map((id) => `'${id}'`).join()
    for (let times = 2; times <= 3; times++) {
      await cluster.execute(`update jobs set done_at = null where id in (${list})`)
      cluster.advance(0)
      const sent = Map.groupBy(await cluster.mails(), ({ id }) => id)
      const counts = new Set(ids.map((id) => sent.get(id)?.length))
      assert.deepEqual([...counts], [times])
    }
  })
})

/** As many persons as callers, who share the address and have each a password of their own. */
function personsWith(email: string): Person[] {
  return Array.from({ length: callers }, (_, index) => ({ email, password: `password number ${index}` }))
}

function countByStatus(answers: Answer[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

/** The winner's password is the account's, and those of the callers around it are not. */
async function assertOnlyWinner(cluster: Cluster, persons: Person[], winner: number): Promise<void> {
  for (const person of persons.slice(Math.max(0, winner - 2), winner + 3)) {
    const { status } = await minbil.signIn(cluster, person)
    assert.equal(status, person === persons[winner] ? 200 : 401, person.password)
  }
}

async function assertEnded(cluster: Cluster, { access, refresh }: Tokens): Promise<void> {
  assert.equal((await minbil.refresh(cluster, refresh)).status, 401)
  assert.equal((await cluster.request('POST', '/api/co/auth/sign-out', { bearer: access })).status, 401)
}

async function mailReset(cluster: Cluster, email: string): Promise<string> {
  const earlier = new Set((await cluster.mailsTo(email)).map(({ id }) => id))
  const asked = await cluster.request('POST', '/api/co/auth/forgot-password', { json: { email } })
  assert.equal(asked.status, 200, asked.text)
  const mails = (await cluster.mailsTo(email)).filter(({ id }) => !earlier.has(id))
  assert.equal(mails.length, 1)
  return queryOf(mails[0]?.links[0], 'token')
}
