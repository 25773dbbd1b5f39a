import { readFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import autocannon from 'autocannon'
import { type OpenidPerson, type OpenidScenario, openidScenarios } from './openid/load.ts'
import { type Person, password } from './seed.ts'

/** What a load asks for, again and again, over each of its connections. */
export type Scenario =
  | 'sign-in'
  | 'refresh'
  | 'bearer'
  | 'sign-out'
  | 'forgot-password'
  | 'peer-sign-up'
  | 'peer-sign-in'
  | 'peer-bearer'
  | OpenidScenario

export interface LoadRequest {
  /** Tokens that a run has used are not used by the next one with the same name. */
  target: string
  url: string
  scenario: Scenario
  connections: number
  /** How long; or else how many requests. */
  seconds?: number
  amount?: number
  people: string
  /** Requests a second at most. */
  rate?: number
}

export interface LoadResult {
  /** Answers of 2xx a second. */
  rate: number
  /** Of 2xx. */
  answers: number
  failed: number
  /** In milliseconds. */
  p50: number
  p99: number
  /** Processor time of the server for each answer, in microseconds, where it was measured. */
  cpu?: number
}

export interface Step {
  setupRequest(request: autocannon.Request): autocannon.Request
  onResponse?(status: number, body: string, context: object, headers?: IncomingHttpHeaders): void
}

const json = { 'content-type': 'application/json' }
const peopleOf = new Map<string, (Person & OpenidPerson)[]>()

/** A token that no request has used yet. Throws when there is none left. */
function unused(tokens: string[]): string {
  const token = tokens.pop()
  if (token === undefined) throw new Error('the population has too few sessions for so many rounds')
  return token
}

/** What one connection does on behalf of one person. */
const scenarios: Record<Scenario, (person: Person & OpenidPerson) => Step> = {
  'sign-in': ({ email, address }) =>
    post('/api/co/auth/sign-in', () => ({ email, password }), { 'x-forwarded-for': address }),
  'forgot-password': ({ email }) => post('/api/co/auth/forgot-password', () => ({ email })),
  refresh: ({ refreshTokens }) => {
    // One that a run before has used may be a turn behind: its last answer was not waited for.
    let token = unused(refreshTokens)
    return {
      ...post('/api/co/auth/refresh', () => ({ refresh_token: token })),
      onResponse: (status, body) => {
        if (status === 200) token = JSON.parse(body).refresh_token
      },
    }
  },
  bearer: ({ id, accessTokens }) => ({
    setupRequest: (request) => ({
      ...request,
      method: 'GET',
      path: `/auth/${id}/sessions`,
      headers: { authorization: `Bearer ${accessTokens[0]}` },
    }),
  }),
  'sign-out': ({ accessTokens }) => ({
    setupRequest: (request) => ({
      ...request,
      method: 'POST',
      path: '/auth/signout',
      headers: { ...json, authorization: `Bearer ${unused(accessTokens)}` },
      body: '{}',
    }),
  }),
  'peer-sign-up': ({ email }) => ({
    ...post('/api/auth/sign-up/email', () => ({ email, password, name: email })),
    onResponse: keepCookie(email),
  }),
  'peer-sign-in': ({ email }) => post('/api/auth/sign-in/email', () => ({ email, password })),
  'peer-bearer': ({ email }) => ({
    setupRequest: (request) => ({
      ...request,
      method: 'GET',
      path: '/api/auth/get-session',
      headers: { cookie: cookies.get(email) ?? '' },
    }),
  }),
  ...openidScenarios,
}

/** Of the peer, by e-mail addresses. */
const cookies = new Map<string, string>()

function keepCookie(email: string): Step['onResponse'] {
  return (_status, _body, _context, headers) => {
    const [cookie = ''] = [headers?.['set-cookie']].flat()
    cookies.set(email, cookie.split(';', 1)[0] ?? '')
  }
}

function post(path: string, body: () => object, headers: Record<string, string> = {}): Step {
  return {
    setupRequest: (request) => ({
      ...request,
      method: 'POST',
      path,
      headers: { ...json, ...headers },
      body: JSON.stringify(body()),
    }),
  }
}

async function run(request: LoadRequest): Promise<LoadResult> {
  const { target, url, scenario, connections, seconds, amount, rate } = request
  const people = peopleOf.get(target) ?? JSON.parse(readFileSync(request.people, 'utf8'))
  peopleOf.set(target, people)
  let next = 0
  let lastAt = 0
  const began = performance.now()
  const result = await autocannon({
    url,
    connections,
    ...(amount ? { amount } : { duration: seconds }),
    ...(rate && { overallRate: rate }),
    setupClient: (client) => {
      client.setRequests([scenarios[scenario](people[next++ % people.length])])
      client.on('response', () => {
        lastAt = performance.now()
      })
    },
  })
  const { '2xx': right, non2xx, errors, timeouts, latency } = result
  return {
    rate: right / ((lastAt - began) / 1000),
    answers: right,
    failed: non2xx + errors + timeouts,
    p50: latency.p50,
    p99: latency.p99,
  }
}

process.on('message', async (request: LoadRequest) => {
  process.send?.(await run(request))
})
