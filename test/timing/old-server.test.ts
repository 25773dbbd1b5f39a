import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import bcrypt from 'bcrypt'
import { execute } from '../harness/database.ts'
import { register } from '../harness/doors.ts'
import { freshEmail, startTestServer, type TestServer } from '../harness/harness.ts'
import { bring, switchingTo } from '../harness/old-server.ts'
import { assertSameTime } from '../harness/same-time.ts'
import { sendJson, useFakeServer } from '../upstream/fake-server.ts'

const samples = 30
/**
 * What the old server takes for a password: so long that a bcrypt of cost 8 takes as long as one of ours within the margin
 * of the measurement, on whatever machine, and so short that one hash more does not.
 */
const delayMs = 55

describe('while an old server is asked, a wrong password takes as long for a name that nobody has as', () => {
  const fake = useFakeServer()
  let server: TestServer
  const emails: Record<string, string> = {}
  before(async () => {
    fake.answer = (response) =>
      void setTimeout(() => sendJson(response, 401, { code: 'invalid_credentials' }), delayMs)
    server = await startTestServer('sqlite', {
      yaml: switchingTo(fake.origin, ', perMinute: 100000'),
      hashing: 'real',
    })
    for (const kind of ['own', 'imported', 'disabled']) emails[kind] = (await register(server)).email
    emails.pending = freshEmail()
    await bring(server, { email: emails.pending, pending: 'minbil' })
    emails['pending elsewhere'] = freshEmail()
    await bring(server, { email: emails['pending elsewhere'], pending: 'credebl' })
    emails.none = freshEmail()
    await bring(server, { email: emails.none })
    const run = (statement: string) => execute(server.env.DATABASE_URL ?? '', statement)
    await run(`update accounts set disabled_at = 1 where email = '${emails.disabled}'`)
    // Ours takes about as long, so that what the decoys are does not matter.
    const imported = await bcrypt.hash('the right password', 8)
    const set = `password_hash = '${imported}', password_kind = 'bcrypt 8'`
    await run(`update accounts set ${set} where email = '${emails.imported}'`)
  })
  after(() => server?.close())

  for (const kind of ['pending', 'own', 'imported', 'disabled', 'pending elsewhere', 'none']) {
    it(`for an account that is ${kind}`, () =>
      assertSameTime(samples, (who) => ({
        url: `${server.url}/api/co/auth/sign-in`,
        json: {
          email: who === 'known' ? (emails[kind] ?? assert.fail()) : freshEmail(),
          password: 'wrong password',
        },
      })))
  }
})
