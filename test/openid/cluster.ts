import { after, before, describe } from 'node:test'
import { noPostgres, startTestServer, type TestServer } from '../harness/harness.ts'
import { joinMailboxes } from '../harness/mailboxes.ts'
import { type OpenidOptions, type OpenidServer, useOpenid } from './harness.ts'
import { relyingParty } from './relying-party.ts'

/** One server, or two on one database, whose requests go to each in turn. */
export interface OpenidCluster extends OpenidServer {
  nodes: TestServer[]
  /** Does all of it at once, each at the next server. */
  race<T>(...works: ((node: TestServer) => Promise<T>)[]): Promise<T[]>
}

/** Declares the same tests for one server on SQLite and for two servers on one PostgreSQL. */
export function onEveryOpenidCluster(
  name: string,
  options: OpenidOptions,
  tests: (cluster: OpenidCluster) => void,
): void {
  describe(`${name} on sqlite`, () => tests(clusterOf(useOpenid('sqlite', options))))
  describe(`${name} on two servers with one postgres`, { skip: noPostgres }, () =>
    tests(useOpenidCluster(options)),
  )
}

/** Two servers on one PostgreSQL for all tests of the suite that this is called in. */
export function useOpenidCluster(options: OpenidOptions): OpenidCluster {
  const { apps: _, openid: __, ...others } = options
  const second = {} as TestServer
  // Before the first, which takes their database along.
  after(() => second.close?.())
  const first = useOpenid('postgres', options)
  before(async () => {
    Object.setPrototypeOf(second, await startTestServer('postgres', { ...others, beside: first }))
  })
  return clusterOf(first, second)
}

function clusterOf(first: OpenidServer, second?: TestServer): OpenidCluster {
  const nodes = second ? [first, second] : [first]
  let turn = 0
  const next = () => nodes[turn++ % nodes.length] ?? first
  const joined = () => joinMailboxes(nodes)
  const cluster: Partial<OpenidCluster> = {
    nodes,
    race: (...works) => Promise.all(works.map((work) => work(next()))),
    request: (...request) => next().request(...request),
    mailbox: () => joined().mailbox(),
    mail: (to, subject) => joined().mail(to, subject),
    party: (id, given) => relyingParty(cluster as OpenidCluster, { ...first.app(id), ...given }),
    maintain: async () => {
      for (const node of nodes) await node.maintain()
    },
  }
  // Whatever else is asked for is asked of the first.
  return Object.setPrototypeOf(cluster, first)
}
