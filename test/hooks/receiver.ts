import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { Webhook } from 'standardwebhooks'
import type { HookName } from '../../src/core/hooks/settings.ts'
import { type Engine, type ServerOptions, startTestServer, type TestServer } from '../harness/harness.ts'
import { type FakeServer, useFakeServer } from '../upstream/fake-server.ts'

export const secret = `whsec_${Buffer.from('thirty-two bytes for a signature').toString('base64')}`
export const plan = 'https://example.com/plan'
export const groups = 'https://example.com/groups'

/** What a hook is asked, as it came over the wire. */
interface Question {
  type: string
  timestamp: string
  // biome-ignore lint/suspicious/noExplicitAny: tests read what came over the wire, which has no type
  data: any
}

/** A service that decides who gets in. */
export interface Receiver {
  fake: FakeServer
  /** Has it answer so from now on, with 200; forgets what it was asked. */
  answer(body: unknown): void
  /** What it was asked since then, each with a good signature. */
  questions(): Question[]
}

interface HookOptions extends ServerOptions {
  /** What is set of both hooks. */
  settings?: object
  /** What is set of the realm besides, once that is known. */
  realm?: () => object
}

/** A server whose realm has both hooks, for all tests of the suite that this is called in; they allow everything at first. */
export function useHooks(
  engine: Engine,
  { settings = {}, realm = () => ({}), ...options }: HookOptions = {},
): { server: TestServer; receiver: Receiver } {
  const fake = useFakeServer()
  const server = {} as TestServer
  before(async () => {
    Object.setPrototypeOf(
      server,
      await startTestServer(engine, { ...options, yaml: yamlOf(fake, settings, realm()) }),
    )
  })
  after(() => server.close?.())
  const receiver: Receiver = {
    fake,
    answer: (body) => {
      fake.answer = (response) =>
        response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
    },
    questions: () =>
      fake.asked.map(({ method, headers, body }) => {
        assert.equal(method, 'POST')
        const verified = new Webhook(secret).verify(body, headers as Record<string, string>)
        return verified as Question
      }),
  }
  before(() => receiver.answer({ decision: 'allow' }))
  return { server, receiver }
}

/** The settings of a realm with both hooks at that receiver. */
function yamlOf({ origin }: FakeServer, settings: object, realm: object): string {
  const shared = { secret, ...settings }
  const hooks: Record<HookName, object> = {
    beforeSignUp: { url: `${origin}/sign-up`, ...shared },
    beforeSignIn: { url: `${origin}/sign-in?a=b`, claims: [plan, groups], ...shared },
  }
  return JSON.stringify({ realms: { main: { hooks, ...realm } } })
}

/** The rows of the trail about an event. */
export const trailOf = (event: string) =>
  `select outcome, detail, account_id, ip, dialect from audit where event = '${event}' order by id`
