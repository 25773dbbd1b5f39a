import { it } from 'node:test'
import {
  answerChallenge,
  assertCode,
  assertFieldsRefused,
  challengeFor,
  invalidChallenge,
  login,
  nextCode,
  registerWithSecondFactor,
  send,
  tokensOf,
  wrongCode,
  wrongLoginCode,
} from '../../dialects/wolfpal/door.ts'
import { execute } from '../../harness/database.ts'
import { onEveryEngine, useServer } from '../../harness/harness.ts'

const minute = 60_000

onEveryEngine('the challenge of a second factor', (engine) => {
  const server = useServer(engine)

  it('is given for a right password only', async () => {
    const person = await registerWithSecondFactor(server)
    const answer = await login(server, { ...person, password: 'wrong-password' })
    assertCode(answer, 400, 'INVALID_CREDENTIALS', 'Either email or password is invalid.')
  })

  it('is accepted once', async () => {
    const person = await registerWithSecondFactor(server)
    const challenge = await challengeFor(server, person)
    tokensOf(await answerChallenge(server, challenge, nextCode(server, person.secret)))
    assertCode(await answerChallenge(server, challenge, nextCode(server, person.secret)), ...invalidChallenge)
    assertCode(await answerChallenge(server, challenge, person.backupCodes[0] ?? ''), ...invalidChallenge)
  })

  it('is accepted within 15 minutes', async () => {
    const person = await registerWithSecondFactor(server)
    const inTime = await challengeFor(server, person)
    server.clock.advance(14 * minute)
    tokensOf(await answerChallenge(server, inTime, nextCode(server, person.secret)))
    const tooLate = await challengeFor(server, person)
    server.clock.advance(15 * minute)
    assertCode(await answerChallenge(server, tooLate, nextCode(server, person.secret)), ...invalidChallenge)
  })

  it('is accepted for five attempts at most', async () => {
    const person = await registerWithSecondFactor(server)
    const worn = await challengeFor(server, person)
    const wrong = wrongCode(server, person.secret)
    for (let attempt = 0; attempt < 4; attempt++)
      assertCode(await answerChallenge(server, worn, wrong), ...wrongLoginCode)
    tokensOf(await answerChallenge(server, worn, nextCode(server, person.secret)))

    const dead = await challengeFor(server, person)
    for (let attempt = 0; attempt < 5; attempt++)
      assertCode(await answerChallenge(server, dead, wrong), ...wrongLoginCode)
    const code = nextCode(server, person.secret)
    for (const late of [code, wrong, person.backupCodes[0] ?? ''])
      assertCode(await answerChallenge(server, dead, late), ...invalidChallenge)
    // A challenge that is dead uses no code up.
    tokensOf(await answerChallenge(server, await challengeFor(server, person), code))
    tokensOf(await answerChallenge(server, await challengeFor(server, person), person.backupCodes[0] ?? ''))
  })

  it('leaves other challenges alone', async () => {
    const person = await registerWithSecondFactor(server)
    const [first, second] = [await challengeFor(server, person), await challengeFor(server, person)]
    tokensOf(await answerChallenge(server, second, nextCode(server, person.secret)))
    tokensOf(await answerChallenge(server, first, nextCode(server, person.secret)))
  })

  it('is refused when this server did not issue it', async () => {
    const { access, refresh, secret } = await registerWithSecondFactor(server)
    const code = nextCode(server, secret)
    for (const wrong of ['nonsense', '0'.repeat(64), access, refresh, '\0', 'a'.repeat(9000)])
      assertCode(await answerChallenge(server, wrong, code), ...invalidChallenge)
  })

  it('is required, and so is the code', async () => {
    const attempt = (json: unknown) => send(server, 'POST', '/auth/two-factor', { json })
    assertFieldsRefused(await attempt({}), { token: 'REQUIRED', code: 'REQUIRED' })
    assertFieldsRefused(await attempt({ token: 'x' }), { code: 'REQUIRED' })
    assertFieldsRefused(await attempt({ Token: 'x', Code: '' }), { Code: 'REQUIRED' })
    assertFieldsRefused(await attempt({ token: ['x'], code: 123456 }), {
      token: 'INVALID',
      code: 'INVALID',
    })
    assertCode(await attempt({ token: null, Token: 'x', Code: '123456' }), ...invalidChallenge)
  })

  it('is void once the account is disabled', async () => {
    const person = await registerWithSecondFactor(server)
    const challenge = await challengeFor(server, person)
    const { DATABASE_URL = '' } = server.env
    await execute(DATABASE_URL, `update accounts set disabled_at = 1 where email = '${person.email}'`)
    const code = nextCode(server, person.secret)
    assertCode(await answerChallenge(server, challenge, code), ...invalidChallenge)
    assertCode(
      await login(server, person),
      400,
      'INVALID_CREDENTIALS',
      'Either email or password is invalid.',
    )
  })
})
