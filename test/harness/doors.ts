import assert from 'node:assert/strict'
import { execute } from './database.ts'
import { type Answer, freshEmail, queryOf, type TestServer } from './harness.ts'

/** A server, as far as these helpers need one. */
export type Target = Pick<TestServer, 'request' | 'mail'>

export interface Person {
  email: string
  password: string
}

export interface Tokens {
  access: string
  refresh: string
}

/** What drives a dialect where its wire form is not the point. */
export interface TestDoor {
  name: string
  signIn(target: Pick<Target, 'request'>, person: Person): Promise<Answer>
  refresh(target: Pick<Target, 'request'>, refreshToken: string): Promise<Answer>
  /** The tokens of an answer to either; fails when it is a refusal. */
  tokensOf(answer: Answer): Tokens
}

export const minbil: TestDoor = {
  name: 'minbil',
  signIn: (target, json) => target.request('POST', '/api/co/auth/sign-in', { json }),
  refresh: (target, refresh_token) =>
    target.request('POST', '/api/co/auth/refresh', { json: { refresh_token } }),
  tokensOf: ({ status, body, text }) => {
    assert.equal(status, 200, text)
    return { access: body.access_token, refresh: body.refresh_token }
  },
}

export const credebl: TestDoor = {
  name: 'credebl',
  signIn: (target, json) => target.request('POST', '/auth/signin', { json }),
  refresh: (target, refreshToken) =>
    target.request('POST', '/auth/refresh-token', { json: { refreshToken } }),
  tokensOf: ({ status, body, text }) => {
    assert.equal(status, 200, text)
    return { access: body.data.access_token, refresh: body.data.refresh_token }
  },
}

/** A person with a proven e-mail address, who can sign in at every door. */
export async function register(
  target: Target,
  person: Person = { email: freshEmail(), password: '12345678' },
): Promise<Person> {
  const verificationCode = await mailVerification(target, person.email)
  const answer = await signUpVerified(target, person, verificationCode)
  assert.equal(answer.status, 201, answer.text)
  return person
}

/** A person with a proven e-mail address, for several programs on one database: whichever sends the mail, nobody waits for it. */
export async function registerUnmailed(
  target: Pick<Target, 'request'>,
  databaseUrl: string,
): Promise<Person> {
  const person = { email: freshEmail(), password: '12345678' }
  const answer = await target.request('POST', '/api/co/auth/sign-up', { json: person })
  assert.equal(answer.status, 201, answer.text)
  const proven = `update accounts set email_verified_at = created_at where email = '${person.email}'`
  await execute(databaseUrl, proven)
  return person
}

/** Has credebl's verification mail sent and returns its code. */
export async function mailVerification(target: Target, email: string): Promise<string> {
  const asked = await target.request('POST', '/auth/verification-mail', { json: { email } })
  assert.equal(asked.status, 201, asked.text)
  const { links } = await target.mail(email, /^Confirm your e-mail/)
  return queryOf(links[0], 'verificationCode')
}

export function signUpVerified(target: Target, person: Person, verificationCode: string): Promise<Answer> {
  return target.request('POST', '/auth/signup', {
    json: { ...person, firstName: 'Ada', lastName: 'Example', verificationCode },
  })
}
