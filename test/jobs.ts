import { select } from './database.ts'
import { eventually, type TestServer } from './harness.ts'

/** Waits until no job is left to be run, so that what has not arrived by then never will. */
export async function endOfJobs({ env }: Pick<TestServer, 'env'>): Promise<void> {
  const open = 'select id from jobs where done_at is null and dead_at is null'
  await eventually('the end of all jobs', async () => {
    const jobs = await select(env.DATABASE_URL ?? '', open)
    return jobs.length === 0 || undefined
  })
}
