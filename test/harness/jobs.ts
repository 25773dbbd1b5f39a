import { type Row, rowsOnce } from './database.ts'
import type { TestServer } from './harness.ts'

type OfDatabase = Pick<TestServer, 'env'>

/** Waits until no job is left to be run, so that what has not arrived by then never will. */
export async function endOfJobs({ env }: OfDatabase): Promise<void> {
  await rowsOnce(env.DATABASE_URL ?? '', {
    what: 'the end of all jobs',
    statement: 'select id from jobs where done_at is null and dead_at is null limit 1',
    areWanted: (rows) => rows.length === 0,
  })
}

/** Waits until every job is done or has failed once. */
export async function everyFirstAttempt({ env }: OfDatabase): Promise<void> {
  await rowsOnce(env.DATABASE_URL ?? '', {
    what: 'the first attempt at every job',
    statement: 'select id from jobs where done_at is null and last_error is null limit 1',
    areWanted: (rows) => rows.length === 0,
  })
}

/** The one job about that address or number, once so many attempts at it have failed. */
export function failedJob(server: OfDatabase, to: string, attempts: number): Promise<Row> {
  return jobTo(
    server,
    to,
    `failure ${attempts}`,
    (job) => Number(job.attempts) === attempts && job.leased_until === null && job.last_error !== null,
  )
}

/** The one job about that address or number, once it is given up. */
export function buriedJob(server: OfDatabase, to: string): Promise<Row> {
  return jobTo(server, to, 'the end', ({ dead_at }) => dead_at !== null)
}

async function jobTo(
  { env }: OfDatabase,
  to: string,
  what: string,
  isWanted: (job: Row) => boolean,
): Promise<Row> {
  const [job = {}] = await rowsOnce(env.DATABASE_URL ?? '', {
    what: `${what} of the job for ${to}`,
    statement: `select * from jobs where payload like '%"${to}"%'`,
    areWanted: ([job]) => job && isWanted(job),
  })
  return job
}
