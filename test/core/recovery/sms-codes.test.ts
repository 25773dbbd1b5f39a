import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { it } from 'node:test'
import {
  another,
  assertBody,
  assertFail,
  codeIn,
  freshPhone,
  logIn,
  mailedToken,
  messagesTo,
  otherApp,
  post,
  register,
  resetByMail,
  resetBySms,
  sentCode,
  texts,
  tokenOf,
} from '../../dialects/vastly/door.ts'
import { execute, select, tableNames } from '../../harness/database.ts'
import {
  type Answer,
  coresForCrowds,
  freshEmail,
  onEveryEngine,
  queryOf,
  type TestServer,
  useServer,
} from '../../harness/harness.ts'
import { endOfJobs } from '../../harness/jobs.ts'

const minute = 60_000
/** Failed guesses after which a code is dead. */
const budget = 30
/** Codes that may be tried for a named number. */
const attempts = 5

onEveryEngine('codes by SMS', (engine) => {
  const server = useServer(engine, { cores: coresForCrowds })
  const known = new Set<string>()

  /** Somebody with a live code. */
  const newCode = async (): Promise<{ mobile: string; token: string }> => {
    const mobile = freshPhone()
    await register(server, { mobile })
    return { mobile, token: await requestCode(mobile) }
  }
  const requestCode = async (mobile: string): Promise<string> => {
    const code = await sentCode(server, mobile)
    known.add(code)
    return code
  }
  /** Guesses at all codes of the client that are sure to be wrong, all at once. */
  const guessWrong = async (count: number, mobile?: string): Promise<void> => {
    const wrong = Array.from({ length: 10 ** 5 }, (_, index) => String(100_000 + index))
      .filter((code) => !known.has(code))
      .slice(0, count)
    const answers = await Promise.all(wrong.map((token) => resetBySms(server, { token, mobile })))
    for (const answer of answers) assertInvalid(answer)
  }

  it('are void after thirty failed guesses of their client, and not before', async () => {
    const [first, second] = [await newCode(), await newCode()]
    await guessWrong(budget - 1)
    tokenOf(await resetBySms(server, { token: first.token }))
    await guessWrong(1)
    assertInvalid(await resetBySms(server, { token: second.token }))
    await logIn(server, { mobile: second.mobile })
  })

  it('survive any number of right guesses', async () => {
    const { token } = await newCode()
    await guessWrong(budget - 1)
    for (let count = 0; count < 3; count++)
      tokenOf(await resetBySms(server, { token: (await newCode()).token }))
    tokenOf(await resetBySms(server, { token }))
  })

  it('have a guess budget that starts when they are sent', async () => {
    const earlier = await newCode()
    await guessWrong(budget - 10)
    const later = await newCode()
    await guessWrong(10)
    assertInvalid(await resetBySms(server, { token: earlier.token }))
    // The right code of the earlier one was a failed guess too.
    await guessWrong(budget - 12)
    tokenOf(await resetBySms(server, { token: later.token }))
  })

  it('are valid again when a new one is requested', async () => {
    const { mobile, token } = await newCode()
    await guessWrong(budget)
    assertInvalid(await resetBySms(server, { token }))
    tokenOf(await resetBySms(server, { token: await requestCode(mobile) }))
  })

  it('are counted per client', async () => {
    const mobile = freshPhone()
    await register(server, { mobile })
    const token = await sentCode(server, mobile, otherApp)
    await guessWrong(budget + 5)
    assertInvalid(await resetBySms(server, { token }))
    tokenOf(await resetBySms(server, { token }, otherApp))
  })

  it('allow five attempts for a named number, in any order', async () => {
    for (const wrong of [attempts - 1, attempts]) {
      const { mobile, token } = await newCode()
      await guessWrong(wrong, mobile)
      const answer = await resetBySms(server, { token, mobile })
      if (wrong < attempts) tokenOf(answer)
      else assertInvalid(answer)
    }
  })

  it('share no guess budget with guesses for a named number', async () => {
    const [named, other] = [await newCode(), await newCode()]
    for (let count = 0; count < budget; count += attempts)
      await guessWrong(attempts, (await newCode()).mobile)
    await guessWrong(attempts, named.mobile)
    tokenOf(await resetBySms(server, { token: named.token }))
    await guessWrong(budget)
    assertInvalid(await resetBySms(server, { token: other.token }))
    tokenOf(await resetBySms(server, { token: other.token, mobile: other.mobile }))
  })

  it('are refused alike for unknown and known numbers', async () => {
    const { mobile } = await newCode()
    const shown = async (mobile: string) => {
      const { status, headers, text } = await resetBySms(server, { token: '1', mobile })
      const differs = new Set(['date', 'x-request-id'])
      return { status, text, headers: [...headers].filter(([name]) => !differs.has(name)) }
    }
    assert.deepEqual(await shown(freshPhone()), await shown(mobile))
  })

  it('are valid for five minutes', async () => {
    const [inTime, late] = [await newCode(), await newCode()]
    server.clock.advance(5 * minute - 10_000)
    tokenOf(await resetBySms(server, { token: inTime.token }))
    server.clock.advance(11_000)
    assertInvalid(await resetBySms(server, { token: late.token }))
    assertInvalid(await resetBySms(server, late))
  })

  it('are one per account, the newest', async () => {
    const { mobile, token: first } = await newCode()
    const second = await requestCode(mobile)
    if (first !== second) assertInvalid(await resetBySms(server, { token: first, mobile }))
    tokenOf(await resetBySms(server, { token: second, mobile }))
  })

  it('void an earlier mailed link, and are voided by a later one', async () => {
    const [email, mobile] = [freshEmail(), freshPhone()]
    await register(server, { email, mobile })
    const link = await mailedToken(server, email)
    const code = await requestCode(mobile)
    assertInvalid(await resetByMail(server, { token: link }))
    const newer = await mailedToken(server, email)
    assertInvalid(await resetBySms(server, { token: code }))
    assertInvalid(await resetBySms(server, { token: code, mobile }))
    tokenOf(await resetByMail(server, { token: newer }))
  })

  it('leave one of both when a link is requested at the same time', async () => {
    const people = Array.from({ length: 12 }, () => ({ email: freshEmail(), mobile: freshPhone() }))
    await Promise.all(people.map((person) => register(server, person)))
    await Promise.all(
      people.flatMap(({ email, mobile }) => [
        post(server, '/forgotpass', { json: { email } }),
        post(server, '/forgotpass/mobile', { json: { mobile } }),
      ]),
    )
    await endOfJobs(server)
    for (const { email, mobile } of people) {
      const mails = (await server.mailbox()).filter(
        ({ to, links }) => to === email && /resetpass/.test(String(links)),
      )
      const [message] = await messagesTo(server, mobile)
      // A link that is good is told from one that is not by what is said of a password that is too short.
      const token = mails[0] && queryOf(mails[0].links[0], 'token')
      const probe = token && (await resetByMail(server, { token, password: 'short' }))
      const isLinkGood = probe ? probe.body.message === texts.validation : false
      const bySms = message && (await resetBySms(server, { token: codeIn(message.text), mobile }))
      assert.equal(bySms?.status ?? 400, isLinkGood ? 400 : 200, email)
      if (token) assert.equal((await resetByMail(server, { token })).status, isLinkGood ? 200 : 400, email)
    }
  })

  it('are not consumed when a later step fails, and no guess is counted then', async () => {
    const { email, mobile } = await registerProven(server)
    const token = await requestCode(mobile)
    await guessWrong(budget - 2)
    await whileNoSessionCanBeOpened(server, async () => {
      for (const reset of [{ token }, { token, mobile }, { token }]) {
        const answer = await resetBySms(server, reset)
        assertBody(answer, 500, { status: 'error', message: 'Something went wrong' })
      }
    })
    await logIn(server, { mobile })
    await guessWrong(1)
    tokenOf(await resetBySms(server, { token }))

    const link = await mailedToken(server, email)
    await whileNoSessionCanBeOpened(server, async () => {
      assert.equal((await resetByMail(server, { token: link, password: 'never-set-password' })).status, 500)
    })
    await logIn(server, { mobile, password: another })
    tokenOf(await resetByMail(server, { token: link }))
  })

  it('never deadlock', async () => {
    const { email, mobile } = await registerProven(server)
    const from = server.log.length
    for (let round = 0; round < 6; round++) {
      const token = await requestCode(mobile)
      const link = await mailedToken(server, email)
      const answers = await Promise.all([
        ...[token, '1'].flatMap((token) => [
          resetBySms(server, { token }),
          resetBySms(server, { token, mobile }),
        ]),
        resetByMail(server, { token: link }),
        post(server, '/forgotpass', { json: { email } }),
        post(server, '/forgotpass/mobile', { json: { mobile } }),
        resetByMail(server, { token: link }),
        post(server, '/login', { json: { email, password: another } }),
        post(server, '/forgotpass/mobile', { json: { mobile } }),
      ])
      for (const { status, text } of answers) assert.ok([200, 400, 401].includes(status), text)
      await endOfJobs(server)
      for (const message of await messagesTo(server, mobile)) known.add(codeIn(message.text))
    }
    const complaints = server.log.slice(from).filter(({ level }) => Number(level) > 30)
    assert.deepEqual(complaints, [])
  })

  it('cannot be brute-forced from what is stored', async () => {
    const { token } = await newCode()
    const columns = (await everyValue(server)).join('\n')
    const salts = ['', 'vastly', 'pSpisBrYn4yIP1vGILcdZ', 'vastly\0pSpisBrYn4yIP1vGILcdZ\0']
    for (const salt of salts) {
      const digest = createHash('sha256').update(`${salt}${token}`)
      const bytes = digest.digest()
      for (const form of ['hex', 'base64', 'base64url'] as const)
        assert.ok(!columns.includes(bytes.toString(form)), `sha256 of ${JSON.stringify(salt)} and the code`)
    }
    // Elsewhere six digits may stand by chance.
    for (const texts of ['select payload, last_error from jobs', 'select detail from audit'])
      assert.ok(!JSON.stringify(await select(server.env.DATABASE_URL ?? '', texts)).includes(token), texts)
  })

  function assertInvalid(answer: Answer): void {
    assertFail(answer, 400, texts.invalidToken)
  }
})

/** Does something while the database refuses the last step of every reset. */
async function whileNoSessionCanBeOpened(server: TestServer, work: () => Promise<void>): Promise<void> {
  const url = server.env.DATABASE_URL ?? ''
  const isSqlite = server.engine === 'sqlite'
  const broken = isSqlite
    ? `create trigger broken before insert on sessions begin select raise(abort, 'broken by the test'); end`
    : `create function break() returns trigger language plpgsql as
         $$ begin raise exception 'broken by the test'; end $$;
       create trigger broken before insert on sessions for each row execute function break()`
  await execute(url, broken)
  try {
    await work()
  } finally {
    await execute(url, isSqlite ? 'drop trigger broken' : 'drop function break cascade')
  }
}

/** Somebody whose address and number are both proven, so that both recover the account. */
async function registerProven(server: TestServer): Promise<{ email: string; mobile: string }> {
  const [email, mobile] = [freshEmail(), freshPhone()]
  await register(server, { email, mobile })
  const proven = 'email_verified_at = created_at, phone_verified_at = created_at'
  await execute(server.env.DATABASE_URL ?? '', `update accounts set ${proven} where email = '${email}'`)
  return { email, mobile }
}

async function everyValue(server: TestServer): Promise<unknown[]> {
  const url = server.env.DATABASE_URL ?? ''
  const tables = await tableNames(url)
  const rows = await Promise.all(tables.map((table) => select(url, `select * from "${table}"`)))
  return rows.flat().flatMap((row) => Object.values(row))
}
