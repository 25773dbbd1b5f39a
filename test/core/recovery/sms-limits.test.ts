import assert from 'node:assert/strict'
import { it } from 'node:test'
import {
  app,
  assertBody,
  assertFail,
  codeSent,
  freshPhone,
  me,
  messagesTo,
  post,
  register,
  resetByMail,
  resetBySms,
  sentCode,
  texts,
  tokenOf,
} from '../../dialects/vastly/door.ts'
import { eventually } from '../../harness/events.ts'
import { type Answer, onEveryEngine, type TestServer, useServer } from '../../harness/harness.ts'
import { buriedJob, endOfJobs, failedJob } from '../../harness/jobs.ts'
import { behindProxy, freshAddress, from } from '../../limits/callers.ts'

const wrong = { token: 'no code at all' }

onEveryEngine('limits of wrong codes', (engine) => {
  const server = useServer(engine, {
    env: behindProxy,
    limits: { 'sms-address': Number.POSITIVE_INFINITY, 'sms-number-at-address': Number.POSITIVE_INFINITY },
  })
  /** Somebody with a live code. */
  const newCode = async (): Promise<{ mobile: string; token: string }> => {
    const mobile = freshPhone()
    await register(from(server, freshAddress()), { mobile })
    return { mobile, token: await sentCode(server, mobile) }
  }

  it('allow one IP five, and then refuse even a right one', async () => {
    const { mobile, token } = await newCode()
    const at = from(server, freshAddress())
    for (let count = 0; count < 5; count++) assertInvalid(await resetBySms(at, wrong))
    for (const reset of [wrong, { token }, { token, mobile }]) assertLimited(await resetBySms(at, reset))
    tokenOf(await resetBySms(from(server, freshAddress()), { token }))
  })

  it('count codes for a named number too, known or not', async () => {
    const at = from(server, freshAddress())
    for (let count = 0; count < 5; count++)
      assertInvalid(await resetBySms(at, { ...wrong, mobile: freshPhone() }))
    assertLimited(await resetBySms(at, wrong))
    assertLimited(await resetBySms(at, { ...wrong, mobile: freshPhone() }))
  })

  it('hold under concurrent requests', async () => {
    const at = from(server, freshAddress())
    const answers = await Promise.all(Array.from({ length: 20 }, () => resetBySms(at, wrong)))
    assert.equal(answers.filter(({ status }) => status === 400).length, 5)
    for (const answer of answers) if (answer.status !== 400) assertLimited(answer)
  })

  it('count no right code, and no invalid request', async () => {
    const at = from(server, freshAddress())
    for (let count = 0; count < 4; count++) assertInvalid(await resetBySms(at, wrong))
    for (let count = 0; count < 3; count++) {
      const { mobile, token } = await newCode()
      assert.equal((await resetBySms(at, { token, password: 'short' })).status, 400)
      tokenOf(await resetBySms(at, count ? { token, mobile } : { token }))
    }
    assertInvalid(await resetBySms(at, wrong))
    assertLimited(await resetBySms(at, wrong))
  })

  it('count no right code among concurrent ones, refused or not', async () => {
    const people = await Promise.all(Array.from({ length: 12 }, newCode))
    const at = from(server, freshAddress())
    const answers = await Promise.all(people.map(({ token }) => resetBySms(at, { token })))
    const refused = people.filter((_, index) => answers[index]?.status !== 200)
    assert.ok(people.length - refused.length >= 5)
    for (const { token } of refused) {
      await eventually('the crowd to be gone', async () => {
        const answer = await resetBySms(at, { token })
        if (answer.status !== 200) assertLimited(answer)
        return answer.status === 200 || undefined
      })
    }
    for (let count = 0; count < 5; count++) assertInvalid(await resetBySms(at, wrong))
    assertLimited(await resetBySms(at, wrong))
  })

  it('are separate from those of mailed links', async () => {
    const at = from(server, freshAddress())
    for (let count = 0; count < 6; count++) assertInvalid(await resetByMail(at, wrong))
    assertInvalid(await resetBySms(at, wrong))
  })
})

onEveryEngine('limits of text messages', (engine) => {
  const server = useServer(engine, { env: behindProxy, limits: 'real' })

  it('allow one IP three per number, known or not', async () => {
    const [known, unknown] = [freshPhone(), freshPhone()]
    await register(from(server, freshAddress()), { mobile: known })
    for (const mobile of [known, unknown]) {
      const at = from(server, freshAddress())
      for (let count = 0; count < 3; count++) {
        assertSent(await ask(at, mobile))
        // Of two that are asked for before the first is sent, the newer one alone is.
        await endOfJobs(server)
      }
      assertLimited(await ask(at, mobile))
      assertLimited(await ask(at, ` ${mobile.slice(0, 3)} ${mobile.slice(3)}`))
      assertSent(await ask(at, freshPhone()))
    }
    await endOfJobs(server)
    assert.equal((await messagesTo(server, known)).length, 3)
  })

  it('allow all IPs together ten per number and one spare, known or not', async () => {
    const [known, unknown] = [freshPhone(), freshPhone()]
    await register(from(server, freshAddress()), { mobile: known })
    for (const mobile of [known, unknown]) {
      for (let count = 0; count < 11; count++) assertSent(await ask(from(server, freshAddress()), mobile))
      assertLimited(await ask(from(server, freshAddress()), mobile))
    }
  })

  it('allow one IP ten in all', async () => {
    const at = from(server, freshAddress())
    for (let count = 0; count < 10; count++) assertSent(await ask(at, freshPhone()))
    assertLimited(await ask(at, freshPhone()))
    assertSent(await ask(from(server, freshAddress()), freshPhone()))
  })
})

onEveryEngine('limits of the cost of text messages', (engine) => {
  for (const rule of ['sms-client', 'sms-country']) {
    const server = useServer(engine, { env: behindProxy, limits: { [rule]: 2 } })

    it(`${rule}: refuse what exceeds them, and count no message to an unknown number`, async () => {
      const people = [freshPhone(), freshPhone(), freshPhone()]
      for (const mobile of people) await register(from(server, freshAddress()), { mobile })
      for (let count = 0; count < 5; count++)
        assertSent(await ask(from(server, freshAddress()), freshPhone()))
      for (const mobile of people.slice(0, 2)) await sentCode(server, mobile)

      const [, , late = ''] = people
      assertSent(await ask(from(server, freshAddress()), late))
      assert.equal((await failedJob(server, late, 1)).last_error, 'rate_limited')
      assert.equal((await messagesTo(server, late)).length, 0)
      server.clock.advance(11 * 60_000)
      await buriedJob(server, late)
      assert.equal((await messagesTo(server, late)).length, 0)
    })
  }
})

onEveryEngine('countries that are not allowed', (engine) => {
  const server = useServer(engine, { env: { SMS_ALLOWED_PREFIXES: '+47, +4670' } })

  it('get no message, and the same answer', async () => {
    const [norwegian, swedish, otherSwedish, american] = [
      freshPhone(),
      '+46701740605',
      '+46317401605',
      '+12025550123',
    ]
    for (const mobile of [norwegian, swedish, otherSwedish, american]) {
      const token = await register(server, { mobile })
      assert.equal((await me(server, token)).body.user.mobile, mobile)
      assertSent(await ask(server, mobile))
    }
    await endOfJobs(server)
    assert.equal((await messagesTo(server, norwegian)).length, 1)
    assert.equal((await messagesTo(server, swedish)).length, 1)
    assert.equal((await messagesTo(server, otherSwedish)).length, 0)
    assert.equal((await messagesTo(server, american)).length, 0)
    const warnings = server.log.filter(({ msg }) => /SMS_ALLOWED_PREFIXES/.test(String(msg)))
    assert.equal(warnings.length, 2)
  })
})

function ask(server: Pick<TestServer, 'request'>, mobile: string): Promise<Answer> {
  return post(server, '/forgotpass/mobile', { json: { mobile } }, app)
}

function assertSent(answer: Answer): void {
  assertBody(answer, 200, codeSent)
}

function assertInvalid(answer: Answer): void {
  assertFail(answer, 400, texts.invalidToken)
}

function assertLimited(answer: Answer): void {
  assertFail(answer, 429, texts.limited)
  assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
}
