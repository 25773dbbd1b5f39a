import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { vastly } from '../dialects/vastly/adapter.ts'
import { app, headersOf } from '../dialects/vastly/door.ts'
import { minbil, type Person } from '../harness/doors.ts'
import {
  type Answer,
  mailCausedBy,
  onEveryEngine,
  queryOf,
  type TestServer,
  useServer,
} from '../harness/harness.ts'
import { assertStatus, behindProxy, countOf, freshAddress, from, post, signUp } from './callers.ts'

/** Made for it: zxcvbn works on few others for as long. */
const weak = 'p4$$w0rd'.repeat(16)
const strong = 'kX9#vQ2mLp7zRt4w'

/** In the place of 20 and 100. */
const maxForAccount = 3
const maxPerIp = 7

onEveryEngine('passwords that are too easy to guess', (engine) => {
  const points = {
    'weak-password-account-at-address': maxForAccount,
    'weak-password-address': maxPerIp,
  }
  const server = useServer(engine, { limits: points, env: behindProxy })

  it('are counted for the owner of a link at an IP, and do not use the link up', async () => {
    const person = await signUp(server)
    const link = await resetLink(server, person)
    const address = freshAddress()
    const answers: Answer[] = []
    for (let count = 0; count <= maxForAccount; count++)
      answers.push(await submit(server, address, link, weak))
    assert.deepEqual(
      answers.map(({ status }) => status),
      [...Array(maxForAccount).fill(400), 429],
    )
    assert.match(answers.at(-1)?.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
    // Nothing is judged there any more, and what is refused is not counted.
    assertStatus(429, await submit(server, address, link, strong))
    assert.equal(await countOf(server, 'weak-password-address'), maxForAccount)

    assertStatus(200, await submit(server, freshAddress(), link, strong))
    assertStatus(200, await minbil.signIn(server, { ...person, password: strong }))
  })

  it('are counted before they are judged, all at once too', async () => {
    const link = await resetLink(server, await signUp(server))
    const address = freshAddress()
    const answers = await Promise.all(
      Array.from({ length: maxForAccount + 3 }, () => submit(server, address, link, weak)),
    )
    const statuses = answers.map(({ status }) => status).sort()
    assert.deepEqual(statuses, [...Array(maxForAccount).fill(400), 429, 429, 429])
  })

  it('are counted for an IP, whosever they are', async () => {
    const address = freshAddress()
    const statuses: number[] = []
    for (let account = 0; account < 3; account++) {
      const link = await resetLink(server, await signUp(server))
      for (let count = 0; count < maxForAccount; count++)
        statuses.push((await submit(server, address, link, weak)).status)
    }
    assert.deepEqual(statuses, [...Array(maxPerIp).fill(400), 429, 429])
  })

  it('leave one that is hard to guess uncounted', async () => {
    const address = freshAddress()
    const before = await countOf(server, 'weak-password-address')
    for (let count = 0; count <= maxPerIp; count++) {
      const link = await resetLink(server, await signUp(server))
      assertStatus(200, await submit(server, address, link, strong))
    }
    assert.equal(await countOf(server, 'weak-password-address'), before)
  })
})

const everywhere = 'realms: { main: { strictPasswords: everywhere } }'

onEveryEngine('passwords that are too easy to guess, sent with a code', (engine) => {
  const server = useServer(engine, { limits: 'real', env: behindProxy, yaml: everywhere })

  it('are judged after the code is counted, five times', async () => {
    const address = freshAddress()
    const statuses: number[] = []
    for (let count = 0; count < 7; count++) {
      const answer = await resetByCode(from(server, address), weak)
      if (answer.status === 429) vastly.assertError(answer, 429)
      statuses.push(answer.status)
    }
    assert.deepEqual(statuses, [...Array(5).fill(400), 429, 429])
  })

  it('are judged so often alone, all at once too', async () => {
    const address = freshAddress()
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => resetByCode(from(server, address), weak)),
    )
    const statuses = answers.map(({ status }) => status).sort()
    assert.deepEqual(statuses, [...Array(5).fill(400), ...Array(15).fill(429)])
  })

  it('are counted at no door for what takes no work: their length', async () => {
    const address = freshAddress()
    for (let count = 0; count < 7; count++)
      assertStatus(400, await resetByCode(from(server, address), 'short'))
  })
})

describe('judging passwords', () => {
  const server = useServer('sqlite', { env: behindProxy, yaml: everywhere })

  it('takes so many at a time, shares their places out by IP, and holds up nothing else', async () => {
    const address = freshAddress()
    // One is judged, which waits for the lists to be loaded, and a quarter of 32 may wait.
    const room = 1 + 8
    let answered = 0
    const crowd = Array.from({ length: room + 10 }, async () => {
      const answer = await resetByCode(from(server, address), weak)
      if (answer.status === 400) answered++
      return answer
    })
    assertStatus(200, await server.request('GET', '/healthz'))
    assert.equal(answered, 0)
    const another = resetByCode(from(server, freshAddress()), weak)

    const answers = await Promise.all(crowd)
    const refused = answers.filter(({ status }) => status === 503)
    assert.equal(refused.length, 10)
    for (const answer of refused) {
      vastly.assertError(answer, 503)
      assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
    }
    assert.equal(answered, room)
    assertStatus(400, await another)
  })

  it('is no work for the thread that answers', async () => {
    const [whole, own] = [process.cpuUsage(), process.threadCpuUsage()]
    for (let count = 0; count < 8; count++) assertStatus(400, await resetByCode(server, weak))
    const spent = ({ user, system }: NodeJS.CpuUsage) => user + system
    const [all, here] = [spent(process.cpuUsage(whole)), spent(process.threadCpuUsage(own))]
    // This thread has sent the requests, too.
    assert.ok(here < all / 3, `${here} of ${all} µs`)
  })
})

function resetByCode(target: Pick<TestServer, 'request'>, password: string): Promise<Answer> {
  const json = { token: '123456', password, passwordConfirm: password }
  return target.request('POST', '/api/v1/auth/resetpass/mobile', { json, headers: headersOf(app) })
}

async function resetLink(server: TestServer, { email }: Person): Promise<string> {
  const { links } = await mailCausedBy(server, { to: email, subject: /new password/ }, () =>
    post(server, freshAddress(), '/forgot-password', { email }),
  )
  return links[0] ?? ''
}

function submit(server: TestServer, address: string, link: string, password: string): Promise<Answer> {
  const form = { token: queryOf(link, 'token'), password }
  return from(server, address).request('POST', '/ui/reset-password', { form })
}
