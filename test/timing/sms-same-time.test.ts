import { before, it } from 'node:test'
import { app, freshPhone, headersOf, register, sentCode } from '../dialects/vastly/door.ts'
import { onEveryEngine, useServer } from '../harness/harness.ts'
import { assertSameTime } from '../harness/same-time.ts'

/** Each code takes five attempts, and only those are counted in the database. */
const people = 40
const attempts = 5

onEveryEngine('known and unknown numbers', (engine) => {
  const server = useServer(engine, { hashing: 'real' })
  const known = Array.from({ length: people }, freshPhone)
  const unknown = Array.from({ length: people }, freshPhone)

  before(async () => {
    for (const mobile of known) await register(server, { mobile })
  })

  it('wait equally long when a password is forgotten', () => {
    const next = numbers()
    return assertSameTime(300, (who) => timed('/forgotpass/mobile', { mobile: next[who]() }))
  })

  it('wait equally long for a wrong code', async () => {
    for (const mobile of known) await sentCode(server, mobile)
    const next = numbers()
    const password = '12345678'
    await assertSameTime((people * attempts) / 2, (who) =>
      timed('/resetpass/mobile', { token: 'x', mobile: next[who](), password, passwordConfirm: password }),
    )
  })

  function timed(path: string, json: object) {
    return { url: `${server.url}/api/v1/auth${path}`, json, headers: headersOf(app) }
  }

  /** One number after the other, over and over. */
  function numbers() {
    let turn = 0
    return {
      known: () => known[turn++ % people],
      unknown: () => unknown[turn++ % people],
    }
  }
})
