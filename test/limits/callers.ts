import assert from 'node:assert/strict'
import { select } from '../harness/database.ts'
import type { Person } from '../harness/doors.ts'
import { type Answer, freshEmail, type TestServer } from '../harness/harness.ts'

/** The environment of a server to which the tests are a reverse proxy, and so can speak for many addresses. */
export const behindProxy = { MANYDOORS_TRUSTED_PROXIES: '127.0.0.1' }

let addresses = 0

/** An address that no other test uses. */
export function freshAddress(): string {
  addresses++
  return `198.18.${addresses >> 8}.${addresses & 255}`
}

export type Target = Pick<TestServer, 'request'>

/** A server, as it is seen from an address. */
export function from(target: Target, address: string): Target {
  return {
    request: (method, path, options = {}) =>
      target.request(method, path, {
        ...options,
        headers: { ...options.headers, 'x-forwarded-for': address },
      }),
  }
}

/** Posts to minbil's door from an address. */
export function post(target: Target, address: string, path: string, json: object): Promise<Answer> {
  return from(target, address).request('POST', `/api/co/auth${path}`, { json })
}

export function signIn(target: Target, address: string, person: Person): Promise<Answer> {
  return post(target, address, '/sign-in', person)
}

export function forgetPassword(target: Target, address: string, email: string): Promise<Answer> {
  return post(target, address, '/forgot-password', { email })
}

/** A person who has an account and has not signed in yet. */
export async function signUp(target: Target): Promise<Person> {
  const person = { email: freshEmail(), password: 'StrongPass123!' }
  assertStatus(201, await post(target, freshAddress(), '/sign-up', person))
  return person
}

export function assertStatus(status: number, answer: Answer): void {
  assert.equal(answer.status, status, answer.text)
}

/** A refusal for too many attempts, in the words of minbil's document; returns its `Retry-After`. */
export function assertLimited(answer: Answer): number {
  assertStatus(429, answer)
  assert.equal(answer.body.code, 'rate_limited')
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/)
  assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
  return Number(answer.headers.get('retry-after'))
}

/** What is counted of a rule, for all keys together. */
export async function countOf({ env }: TestServer, rule: string): Promise<number> {
  const { DATABASE_URL = '' } = env
  const url = DATABASE_URL.startsWith('sqlite:') ? `${DATABASE_URL}-limits` : DATABASE_URL
  const [row] = await select(url, `select sum(points) as points from limits where key like '${rule}:%'`)
  return Number((row as { points: unknown }).points)
}
