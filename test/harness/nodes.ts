import { after, before } from 'node:test'
import { type ServerOptions, send, startTestServer, type TestServer } from './harness.ts'
import { joinMailboxes } from './mailboxes.ts'
import { startRoundRobin } from './round-robin.ts'

/** Two servers with one PostgreSQL behind a proxy that gives each the next request: one server, to whoever asks. */
export function useTwoNodes(options: ServerOptions = {}): TestServer {
  const nodes = {} as TestServer
  before(async () => {
    Object.setPrototypeOf(nodes, await startTwoNodes(options))
  })
  after(() => nodes.close?.())
  return nodes
}

/** Two servers behind such a proxy, which the caller closes. The mails and log lines are those of both. */
async function startTwoNodes(options: ServerOptions = {}): Promise<TestServer> {
  const env = { MANYDOORS_TRUSTED_PROXIES: '127.0.0.1', ...options.env }
  const first = await startTestServer('postgres', { ...options, env })
  const second = await startTestServer('postgres', { ...options, env, beside: first })
  const proxy = await startRoundRobin(() => [first.url, second.url])
  const wire: string[] = []
  const both: Partial<TestServer> = {
    url: proxy.url,
    wire,
    get log() {
      return [...first.log, ...second.log]
    },
    // The second has the clock of the first, and hands this on.
    clock: second.clock,
    metricsUrl: first.metricsUrl,
    ...joinMailboxes([first, second]),
    request: async (method, path, options = {}) => {
      const answer = await send(`${proxy.url}${path}`, method, options)
      wire.push(answer.text, ...answer.cookies, path, JSON.stringify(options))
      return answer
    },
    maintain: async () => {
      await first.maintain()
      await second.maintain()
    },
    restart: async () => {
      await first.restart()
      await second.restart()
    },
    close: async () => {
      await proxy.close()
      await second.close()
      await first.close()
    },
  }
  // Whatever else is asked for is asked of the first.
  return Object.setPrototypeOf(both, first)
}
