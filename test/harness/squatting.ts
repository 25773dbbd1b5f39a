import assert from 'node:assert/strict'
import { freshEmail, mailCausedBy, queryOf, type TestServer } from './harness.ts'

/** What somebody sets who opens an account with a name of another person. */
export const squatted = 'the-squatters-password'
/** What the owner of the name sets. */
export const own = 'the-owners-own-password'

/** Opens an account at minbil's door, as a stranger may for an address that is not theirs. */
export async function squat(server: Pick<TestServer, 'request'>): Promise<string> {
  const email = freshEmail()
  const json = { email, password: squatted }
  assert.equal((await server.request('POST', '/api/co/auth/sign-up', { json })).status, 201)
  return email
}

/** The code of the mail that credebl's door sends to the owner of an address; `signUp` tells the sign-up's own mail. */
export async function requestedCode(server: TestServer, email: string, signUp = /^Confirm/): Promise<string> {
  // It would else come in between.
  await server.mail(email, signUp)
  const { links } = await mailCausedBy(server, { to: email, subject: /CREDEBL/ }, () =>
    server.request('POST', '/auth/verification-mail', { json: { email } }),
  )
  return queryOf(links[0], 'verificationCode')
}
