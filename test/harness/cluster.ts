import { describe } from 'node:test'
import type { MailboxEntry } from '../../src/delivery/mailbox.ts'
import { execute, type Row, select } from './database.ts'
import type { Target } from './doors.ts'
import {
  coresForCrowds,
  noPostgres,
  onEveryEngine,
  type TestServer,
  useServer,
  useTwoServers,
} from './harness.ts'
import { endOfJobs } from './jobs.ts'
import { joinMailboxes } from './mailboxes.ts'

/** One or more servers on one database. As a target it is the first of them. */
export interface Cluster extends Target {
  /** Does the work `count` times at once, spread over the servers. */
  race<T>(count: number, work: (server: TestServer, index: number) => Promise<T>): Promise<T[]>
  /** All mails that any of them has sent, once no job is waiting. */
  mails(): Promise<MailboxEntry[]>
  mailsTo(address: string): Promise<MailboxEntry[]>
  /** Moves the clock of all of them. */
  advance(milliseconds: number): void
  select(statement: string): Promise<Row[]>
  execute(statement: string): Promise<void>
}

/** Declares the same tests for one server on each database and for two servers on one PostgreSQL; no limits. */
export function onEveryCluster(name: string, tests: (cluster: Cluster) => void): void {
  onEveryEngine(name, (engine) => tests(clusterOf(useServer(engine, { cores: coresForCrowds }))))
  describe(`${name} on two servers with one postgres`, { skip: noPostgres }, () => {
    const { first, second } = useTwoServers()
    tests(clusterOf(first, second))
  })
}

function clusterOf(first: TestServer, second = first): Cluster {
  const url = () => first.env.DATABASE_URL ?? ''
  const joined = () => joinMailboxes([...new Set([first, second])])
  const mails = async () => {
    await endOfJobs(first)
    return joined().mailbox()
  }
  return {
    request: (...request) => first.request(...request),
    mail: (to, subject) => joined().mail(to, subject),
    race: (count, work) =>
      Promise.all(Array.from({ length: count }, (_, index) => work(index % 2 ? second : first, index))),
    mails,
    mailsTo: async (address) => (await mails()).filter(({ to }) => to === address),
    // The second has the clock of the first, and hands this on.
    advance: (milliseconds) => second.clock.advance(milliseconds),
    select: (statement) => select(url(), statement),
    execute: (statement) => execute(url(), statement),
  }
}
