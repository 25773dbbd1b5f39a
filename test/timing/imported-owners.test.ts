import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { minbil, type Person } from '../harness/doors.ts'
import { freshEmail, onEveryEngine, useServer } from '../harness/harness.ts'
import { importedPasswordsAt } from '../harness/imported-passwords.ts'
import { assertSameTime } from '../harness/same-time.ts'
import { signUp } from '../limits/callers.ts'
import { bringPending, bringPerson } from '../limits/imported.ts'

const password = 'not the password'
const attempts = 3
/** More than are measured. */
const patience = 10_000
const patient = [
  'sign-in-account-at-address',
  'sign-in-account-at-known-address',
  'sign-in-address',
  'sign-in-rate',
  'sign-in-first-at-address',
]

onEveryEngine('once strangers have used up the attempts, a wrong password takes as long', (engine) => {
  const limits = {
    ...Object.fromEntries(patient.map((rule) => [rule, patience])),
    'sign-in-account': attempts,
  }
  // Hashing is cheap, so that what the limits do shows.
  const server = useServer(engine, { limits })
  let imported: Person
  const signInAt = (email: string) => ({
    url: `${server.url}/api/co/auth/sign-in`,
    json: { email, password },
  })
  const besiege = async (email: string): Promise<void> => {
    for (let attempt = 0; attempt <= attempts; attempt++)
      assert.equal((await minbil.signIn(server, { email, password })).status, attempt < attempts ? 401 : 429)
  }

  before(async () => {
    // With a hash like our own, so that no other work tells them apart.
    const { hash } = await importedPasswordsAt(server).kept(await signUp(server))
    imported = await bringPerson(server, { passwordHash: hash })
    await besiege(imported.email)
  })

  const others = {
    'a name that nobody has': async () => freshEmail(),
    'an account that is pending': () => bringPending(server),
    'an account that was opened here': async () => (await signUp(server)).email,
  }
  for (const [who, open] of Object.entries(others))
    it(`for an account that was imported as for ${who}`, async () => {
      const email = await open()
      await besiege(email)
      await assertSameTime(150, (who) => signInAt(who === 'known' ? imported.email : email))
    })
})
