import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Person, register } from '../harness/doors.ts'
import { type Answer, freshEmail, onEveryEngine, type TestServer, useServer } from '../harness/harness.ts'
import { endOfJobs } from '../harness/jobs.ts'

const doors = [
  {
    name: 'minbil',
    signIn: '/api/co/auth/sign-in',
    forgotPassword: '/api/co/auth/forgot-password',
    refused: {
      type: 'about:blank',
      title: 'Too Many Requests',
      status: 429,
      code: 'rate_limited',
      message: 'Too many requests. Try again later.',
    },
  },
  {
    name: 'credebl',
    signIn: '/auth/signin',
    forgotPassword: '/auth/forgot-password',
    refused: { statusCode: 429, message: 'Too many requests. Try again later', error: 'Too Many Requests' },
  },
]

/** In seconds: the window of the limits that are tried here. */
const window = 15 * 60

let addresses = 0
/** An address that no other test uses. */
function freshAddress(): string {
  addresses++
  return `198.51.${Math.floor(addresses / 250)}.${(addresses % 250) + 1}`
}

onEveryEngine('limits', (engine) => {
  const server = useServer(engine, { limits: 'real', env: { MANYDOORS_TRUSTED_PROXIES: '127.0.0.1' } })

  for (const { name, signIn, forgotPassword, refused } of doors) {
    it(`refuse ${name}'s eleventh wrong password, whether or not there is such an account`, async () => {
      const known = await registerAt(server)
      const courses: [status: number, text: string][][] = []
      for (const email of [known.email, freshEmail()]) {
        const address = freshAddress()
        const answers = await attempts(11, () =>
          post(server, signIn, address, { email, password: 'wrong password' }),
        )
        assert.deepEqual(
          answers.map(({ status }) => status),
          [...Array(10).fill(401), 429],
        )
        assertRefused(answers.at(-1), refused)
        assertRefused(await post(server, signIn, address, { email, password: known.password }), refused)
        courses.push(answers.map(({ status, text }) => [status, text]))
      }
      assert.deepEqual(courses[0], courses[1])
    })

    it(`do not lock out an owner who comes to ${name} from elsewhere`, async () => {
      const { email, password } = await registerAt(server)
      const address = freshAddress()
      await attempts(11, () => post(server, signIn, address, { email, password: 'wrong password' }))
      assert.equal((await post(server, signIn, freshAddress(), { email, password })).status, 200)
      assert.equal((await post(server, signIn, address, { email, password })).status, 429)
    })

    it(`refuse ${name}'s sixth mail from one IP to one mailbox, whether or not there is such an account`, async () => {
      const email = freshEmail()
      await post(server, '/api/co/auth/sign-up', freshAddress(), { email, password: '12345678' })
      await endOfJobs(server)
      const earlier = await mailsTo(server, email)
      for (const mailbox of [email, freshEmail()]) {
        const address = freshAddress()
        const ask = () => post(server, forgotPassword, address, { email: mailbox })
        const answers = await attempts(6, ask)
        assert.deepEqual(
          answers.map(({ status }) => status),
          [...Array(5).fill(200), 429],
        )
        assertRefused(answers.at(-1), refused)
        const another = { email: freshEmail() }
        assert.equal((await post(server, forgotPassword, address, another)).status, 200)
      }
      await endOfJobs(server)
      const sent = (await mailsTo(server, email)) - earlier
      assert.ok(sent >= 1 && sent <= 5, `${sent} mails`)
    })
  }

  it('reset wrong passwords on the right one', async () => {
    const { email, password } = await registerAt(server)
    const address = freshAddress()
    const signIn = (password: string) => post(server, '/auth/signin', address, { email, password })
    for (let round = 0; round < 2; round++) {
      const wrong = await attempts(9, () => signIn('wrong password'))
      assert.ok(wrong.every(({ status }) => status === 401))
      assert.equal((await signIn(password)).status, 200)
    }
  })

  it('count an account once, in any spelling of its address and through any door', async () => {
    const email = freshEmail()
    const address = freshAddress()
    const spellings = [email, email.toUpperCase(), ` ${email}`, `P${email.slice(1)}`, `${email} `]
    for (const spelling of spellings) {
      const body = { email: spelling, password: 'wrong password' }
      for (const { signIn } of doors) assert.equal((await post(server, signIn, address, body)).status, 401)
    }
    for (const { signIn } of doors)
      assert.equal((await post(server, signIn, address, { email, password: 'wrong password' })).status, 429)
  })

  it('hold back no other account at the same IP', async () => {
    const address = freshAddress()
    const body = { email: freshEmail(), password: 'wrong password' }
    await attempts(11, () => post(server, '/auth/signin', address, body))
    const { email, password } = await registerAt(server)
    assert.equal((await post(server, '/auth/signin', address, { email, password })).status, 200)
  })

  it('count the IPs of one household as one', async () => {
    const email = freshEmail()
    const from = (address: string) =>
      post(server, '/auth/signin', address, { email, password: 'wrong password' })
    const household = [
      '2001:db8:1:2::a',
      '2001:db8:1:2:ffff::b',
      '2001:0DB8:0001:0002:1:2:3:4',
      '2001:db8:1:2::',
    ]
    for (let attempt = 0; attempt < 10; attempt++)
      assert.equal((await from(household[attempt % household.length] ?? '')).status, 401)
    for (const address of household) assert.equal((await from(address)).status, 429, address)
    assert.equal((await from('2001:db8:1:3::a')).status, 401)
    assert.equal((await from('2001:db8:0:2::a')).status, 401)
  })

  it('count an IPv4-mapped IPv6 address as IPv4', async () => {
    const email = freshEmail()
    const from = (address: string) =>
      post(server, '/auth/signin', address, { email, password: 'wrong password' })
    await attempts(10, () => from('::ffff:203.0.113.9'))
    assert.equal((await from('203.0.113.9')).status, 429)
    assert.equal((await from('::ffff:203.0.113.10')).status, 401)
  })

  it('are not evaded by a forged IP', async () => {
    const email = freshEmail()
    const address = freshAddress()
    const answers = await attempts(11, () =>
      post(server, '/auth/signin', `${freshAddress()}, ${address}`, { email, password: 'wrong password' }),
    )
    assert.equal(answers.at(-1)?.status, 429)
  })

  it('end the guessing of links from one IP', async () => {
    const address = freshAddress()
    const body = { token: 'guessed', password: '12345678' }
    const answers = await attempts(61, () => post(server, '/api/co/auth/reset-password', address, body))
    assert.deepEqual(new Set(answers.slice(0, 60).map(({ status }) => status)), new Set([400]))
    assertRefused(answers.at(-1), doors[0]?.refused)
    const page = await server.request('POST', '/ui/reset-password', {
      form: body,
      headers: { 'x-forwarded-for': address },
    })
    assert.equal(page.status, 429)
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/)
    assertRetryAfter(page)
  })
})

function post(server: TestServer, path: string, address: string, json: object): Promise<Answer> {
  return server.request('POST', path, { json, headers: { 'x-forwarded-for': address } })
}

/** A person with a proven address, registered from an address of its own. */
function registerAt(server: TestServer): Promise<Person> {
  const headers = { 'x-forwarded-for': freshAddress() }
  return register({
    request: (method, path, options) => server.request(method, path, { ...options, headers }),
    mail: server.mail,
  })
}

/** One after the other, as the last one is about those before it. */
async function attempts(count: number, attempt: () => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = []
  while (answers.length < count) answers.push(await attempt())
  return answers
}

async function mailsTo(server: TestServer, email: string): Promise<number> {
  return (await server.mailbox()).filter(({ to }) => to === email).length
}

function assertRefused(answer: Answer | undefined, body: unknown): void {
  assert.ok(answer)
  assert.equal(answer.status, 429, answer.text)
  assert.deepEqual(answer.body, body)
  assertRetryAfter(answer)
}

function assertRetryAfter({ headers }: Answer): void {
  const seconds = headers.get('retry-after') ?? ''
  assert.match(seconds, /^[1-9]\d*$/)
  assert.ok(Number(seconds) <= window, seconds)
}
