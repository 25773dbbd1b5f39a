import assert from 'node:assert/strict'
import { it } from 'node:test'
import {
  assertBody,
  assertFail,
  codeIn,
  codeSent,
  freshPhone,
  logIn,
  messagesTo,
  password,
  post,
  register,
  resetBySms,
  sentCode,
  texts,
  tokenOf,
  wrongCode,
} from '../../dialects/vastly/door.ts'
import { type Answer, onEveryEngine, type TestServer, useServer } from '../../harness/harness.ts'
import { endOfJobs } from '../../harness/jobs.ts'
import { behindProxy, freshAddress, from, type Target } from '../../limits/callers.ts'

const minute = 60_000
/** Codes that may be tried for a named number, and as many more by who has asked for the code. */
const attempts = 5
/** Failed guesses after which a code is dead that is sent without a number. */
const budget = 30
/** Wrong codes for a number over all its codes. */
const maxWrong = 30
/** Short codes that may be sent to a number without being used. */
const maxShort = 3
const off = Number.POSITIVE_INFINITY

onEveryEngine('codes by SMS and the owner of a number', (engine) => {
  const server = useServer(engine, { limits: 'real', env: behindProxy })
  const owners = ownersOf(server)

  it('are not used up for their requester by guesses from elsewhere', async () => {
    const { mobile } = await owners.withHome()
    const away = from(server, freshAddress())
    const code = await owners.ask(away, mobile)
    assert.equal(await judgedByStrangers(server, { mobile, wrong: wrongCode(code), count: 2 * attempts }), 10)
    assertInvalid(await resetBySms(from(server, freshAddress()), { mobile, token: code }))
    tokenOf(await resetBySms(away, { mobile, token: code }))
  })

  it('are not used up by guesses without a number either', async () => {
    const { mobile } = await owners.withHome()
    const away = from(server, freshAddress())
    const code = await owners.ask(away, mobile)
    await judgedByStrangers(server, { wrong: wrongCode(code), count: budget })
    assertInvalid(await resetBySms(from(server, freshAddress()), { token: code }))
    tokenOf(await resetBySms(away, { token: code }))
  })

  it('are not guessed by a stranger who has code after code sent', async () => {
    const { mobile } = await owners.withHome()
    for (let codes = 1; codes <= 10; codes++) {
      await flood(server, mobile, 1)
      const code = await owners.newest(mobile)
      const wrong = wrongCode(code)
      await judgedByStrangers(server, { mobile, wrong, count: attempts })
      // Five short ones, and after them those that nobody guesses.
      assert.match(code, codes <= 5 ? /^\d{6}$/ : /^\d{12}$/)
      if (codes <= 5) assertInvalid(await resetBySms(from(server, freshAddress()), { mobile, token: code }))
    }
  })

  it('let the owner in from a known IP whatever strangers do, and in some way from a new one', async () => {
    const { mobile, home } = await owners.withHome()
    await besiege(server, mobile)
    await flood(server, mobile, 10)
    const newest = await owners.newest(mobile)
    await judgedByStrangers(server, { mobile, wrong: wrongCode(newest), count: attempts })

    const away = from(server, freshAddress())
    const json = { mobile, password }
    assertLimited(await post(away, '/login', { json }))
    assert.equal((await post(home, '/login', { json })).status, 200)
    const code = await owners.ask(away, mobile)
    tokenOf(await resetBySms(away, { mobile, token: code }))
    await logIn(from(server, freshAddress()), { mobile, password: 'another-password' })
  })

  it('are valid from everywhere when the next request is refused, and stay so when strangers go on', async () => {
    const { mobile } = await owners.withHome()
    await flood(server, mobile, 11)
    const away = from(server, freshAddress())
    const refused = await ask(away, mobile)
    assertLimited(refused)
    assert.ok(Number(refused.headers.get('retry-after')) <= 5 * 60)
    const code = await owners.newest(mobile)
    assert.match(code, /^\d{12}$/)
    for (let count = 0; count < 4; count++) {
      const wrong = wrongCode(code)
      await judgedByStrangers(server, { mobile, wrong, count: attempts })
      await judgedByStrangers(server, { wrong, count: attempts })
    }
    tokenOf(await resetBySms(away, { token: code }))
  })

  it('are sent to the owner at a known IP when strangers have used up all else', async () => {
    const { mobile, home } = await owners.withHome()
    for (let round = 0; round < 2; round++) {
      await flood(server, mobile, 4)
      const wrong = wrongCode(await owners.newest(mobile))
      await judgedByStrangers(server, { mobile, wrong, count: maxWrong })
    }
    await flood(server, mobile, 3)
    const code = await owners.ask(home, mobile)
    assert.match(code, /^\d{6}$/)
    await judgedByStrangers(server, { mobile, wrong: wrongCode(code), count: maxWrong })
    assertInvalid(await resetBySms(home, { mobile, token: wrongCode(code) }))
    tokenOf(await resetBySms(home, { mobile, token: code }))
  })

  it('live for five minutes also when valid from everywhere', async () => {
    const { mobile } = await owners.withHome()
    await flood(server, mobile, 11)
    server.clock.advance(5 * minute + 1000)
    const old = await owners.newest(mobile)
    assertInvalid(await resetBySms(from(server, freshAddress()), { mobile, token: old }))
  })
})

onEveryEngine('the guess budget of codes by SMS', (engine) => {
  const server = useServer(engine, {
    limits: {
      'code-address': off,
      'sms-address': off,
      'sms-number': off,
      'sms-number-at-address': off,
      'short-code-account': off,
    },
    env: behindProxy,
  })
  const owners = ownersOf(server)

  it('is thirty per number over all its codes, shared by strangers and not by known IPs', async () => {
    const { mobile, home } = await owners.withHome()
    const stranger = from(server, freshAddress())
    const guessAt = async (code: string, count: number) => {
      for (let guesses = 0; guesses < count; guesses++)
        assertInvalid(await resetBySms(from(server, freshAddress()), { mobile, token: wrongCode(code) }))
    }
    for (let codes = 0; codes < maxWrong / attempts; codes++) {
      const code = await owners.ask(stranger, mobile)
      await guessAt(code, attempts)
    }
    const code = await owners.ask(stranger, mobile)
    assertInvalid(await resetBySms(from(server, freshAddress()), { mobile, token: code }))
    // Who has asked for it has five guesses nevertheless, and a known address a budget of its own.
    assertInvalid(await resetBySms(stranger, { mobile, token: wrongCode(code) }))
    tokenOf(await resetBySms(home, { mobile, token: code }))

    // The right one has cleared it.
    const next = await owners.ask(stranger, mobile)
    await guessAt(next, attempts - 1)
    tokenOf(await resetBySms(from(server, freshAddress()), { mobile, token: next }))
  })

  it('leaves the requester of a code five guesses', async () => {
    const { mobile } = await owners.withHome()
    const away = from(server, freshAddress())
    const code = await owners.ask(away, mobile)
    for (let guesses = 0; guesses < attempts; guesses++)
      assertInvalid(await resetBySms(from(server, freshAddress()), { mobile, token: wrongCode(code) }))
    for (let guesses = 0; guesses < attempts - 1; guesses++)
      assertInvalid(await resetBySms(away, { mobile, token: wrongCode(code) }))
    assertInvalid(await resetBySms(from(server, freshAddress()), { mobile, token: code }))
    assertInvalid(await resetBySms(away, { mobile, token: wrongCode(code) }))
    assertInvalid(await resetBySms(away, { mobile, token: code }))
  })

  it('is not bypassed by concurrent guesses', async () => {
    const { mobile } = await owners.withHome()
    const away = from(server, freshAddress())
    const code = await owners.ask(away, mobile)
    await Promise.all(
      Array.from({ length: 20 }, () =>
        resetBySms(from(server, freshAddress()), { mobile, token: wrongCode(code) }),
      ),
    )
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => resetBySms(away, { mobile, token: code })),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  })

  it('answers alike for an unknown number', async () => {
    const [{ mobile }, unknown] = [await owners.withHome(), freshPhone()]
    const statuses = async (mobile: string) => {
      const seen: number[] = []
      for (let guesses = 0; guesses < maxWrong + 3; guesses++)
        seen.push((await resetBySms(from(server, freshAddress()), { mobile, token: '1' })).status)
      return seen
    }
    assert.deepEqual(await statuses(unknown), await statuses(mobile))
  })
})

onEveryEngine('short codes by SMS', (engine) => {
  const server = useServer(engine, {
    limits: { 'short-code-account': maxShort, 'sms-number': off, 'sms-address': off },
    env: behindProxy,
  })
  const owners = ownersOf(server)

  it('are followed by long ones when not used, which are valid from everywhere', async () => {
    const { mobile } = await owners.withHome()
    for (let count = 0; count < maxShort; count++)
      assert.match(await owners.ask(from(server, freshAddress()), mobile), /^\d{6}$/)
    const away = from(server, freshAddress())
    await owners.ask(away, mobile)
    // A stranger's request takes nothing from whoever reads the messages.
    const long = await owners.ask(from(server, freshAddress()), mobile)
    assert.match(long, /^\d{12}$/)
    assertInvalid(await resetBySms(away, { mobile: freshPhone(), token: long }))
    const spaced = long.replaceAll(/(\d{4})/g, '$1 ')
    tokenOf(await resetBySms(away, { mobile, token: spaced }))
    assertInvalid(await resetBySms(away, { mobile, token: long }))
    assert.match(await owners.ask(from(server, freshAddress()), mobile), /^\d{6}$/)
  })

  it('are counted separately for a known IP', async () => {
    const { mobile, home } = await owners.withHome()
    for (let count = 0; count <= maxShort; count++) await owners.ask(from(server, freshAddress()), mobile)
    assert.match(await owners.ask(home, mobile), /^\d{6}$/)
  })
})

/** People with nothing but a phone, and what they do. */
function ownersOf(server: TestServer) {
  const newest = async (mobile: string): Promise<string> => {
    await endOfJobs(server)
    const [message] = await messagesTo(server, mobile)
    return codeIn(message?.text ?? assert.fail(`no message to ${mobile}`))
  }
  return {
    newest,
    withHome: async (): Promise<{ mobile: string; home: Target }> => {
      const mobile = freshPhone()
      const home = from(server, freshAddress())
      await register(home, { mobile })
      return { mobile, home }
    },
    ask: (at: Target, mobile: string): Promise<string> =>
      sentCode({ ...at, mailbox: server.mailbox } as TestServer, mobile),
  }
}

function ask(at: Target, mobile: string): Promise<Answer> {
  return post(at, '/forgotpass/mobile', { json: { mobile } })
}

/** Strangers ask for codes, each at an address of its own, one after the other. */
async function flood(server: TestServer, mobile: string, count: number): Promise<void> {
  for (let asked = 0; asked < count; asked++) {
    assertBody(await ask(from(server, freshAddress()), mobile), 200, codeSent)
    await endOfJobs(server)
  }
}

/** Strangers guess at a password until nobody but known addresses may. */
async function besiege(server: TestServer, mobile: string): Promise<void> {
  for (let address = 0; address < 3; address++) {
    const stranger = from(server, freshAddress())
    for (let guesses = 0; guesses < 8; guesses++)
      await post(stranger, '/login', { json: { mobile, password: `guess-${address}-${guesses}` } })
  }
}

/** Strangers guess at a code, five at an address; how many were told that it is wrong. */
async function judgedByStrangers(
  server: TestServer,
  { mobile, wrong, count }: { mobile?: string; wrong: string; count: number },
): Promise<number> {
  let judged = 0
  for (let start = 0; start < count; start += attempts) {
    const stranger = from(server, freshAddress())
    for (let guesses = start; guesses < Math.min(count, start + attempts); guesses++) {
      const answer = await resetBySms(stranger, { mobile, token: wrong })
      assertInvalid(answer)
      judged++
    }
  }
  return judged
}

function assertInvalid(answer: Answer): void {
  assertFail(answer, 400, texts.invalidToken)
}

function assertLimited(answer: Answer): void {
  assertFail(answer, 429, texts.limited)
}
