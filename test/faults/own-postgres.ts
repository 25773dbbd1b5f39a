import pg from 'pg'
import { type Cluster, createCluster } from '../global-setup.ts'
import { eventually } from '../harness/events.ts'

/** A PostgreSQL of the test's own, to be treated badly. */
export interface OwnPostgres {
  url: string
  /** `SIGQUIT`: as `pg_ctl stop -m immediate`. `SIGKILL`: as a power cut. */
  stop(how: 'SIGQUIT' | 'SIGKILL'): Promise<void>
  start(): Promise<void>
  /** Stops all of its processes where they are: connections stay open, and nothing is answered. */
  freeze(): Promise<void>
  thaw(): void
  remove(): Promise<void>
}

export async function startOwnPostgres(): Promise<OwnPostgres> {
  const cluster = await createCluster()
  let frozen: number[] = []
  const thaw = () => {
    for (const pid of frozen.splice(0)) signal(pid, 'SIGCONT')
  }
  return {
    url: cluster.url,
    stop: async (how) => {
      const pid = await cluster.pid()
      signal(pid, how)
      await eventually('the end of PostgreSQL', async () => !signal(pid, 0) || undefined)
    },
    // What a killed one leaves behind is in the way for a moment.
    start: () =>
      eventually('the start of PostgreSQL', () =>
        cluster.start().then(
          () => true,
          () => undefined,
        ),
      ).then(),
    freeze: async () => {
      frozen = [await cluster.pid(), ...(await backendsOf(cluster))]
      for (const pid of frozen) signal(pid, 'SIGSTOP')
    },
    thaw,
    remove: async () => {
      thaw()
      await cluster.remove()
    },
  }
}

async function backendsOf({ url }: Cluster): Promise<number[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ pid: number }>(
      'select pid from pg_stat_activity where pid <> pg_backend_pid()',
    )
    return rows.map(({ pid }) => pid)
  } finally {
    await client.end()
  }
}

/** Whether there is such a process. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}
