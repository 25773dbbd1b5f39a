import { type ExpressionBuilder, sql } from 'kysely'
import { literal } from '../literal.ts'
import type { JobRow, Schema } from '../schema.ts'
import type { Database } from '../types.ts'
import { addGiven } from './imports/given-rows.ts'
import { countUpdated } from './rows.ts'
import { countRows } from './sealed.ts'

const givenColumns = {
  id: 'text',
  kind: 'text',
  payload: 'text',
  target: 'text',
  run_at: 'bigint',
  attempts: 'bigint',
  created_at: 'bigint',
} as const

/** The jobs that one realm writes. */
export function jobs(db: Database, realm: string) {
  return {
    add: async (
      job: { id: string; kind: string; payload: Record<string, unknown>; target?: string },
      now: number,
    ): Promise<void> => {
      await db
        .insertInto('jobs')
        .values({
          ...job,
          realm,
          payload: JSON.stringify(job.payload),
          target: job.target ?? null,
          run_at: now,
          attempts: 0,
          created_at: now,
        })
        .execute()
    },

    /** Writes a job with the id of each of these things in place of the one that it may have had. */
    replaceAll: async (
      kind: string,
      things: { id: string; target: string }[],
      now: number,
    ): Promise<void> => {
      const ids = things.map(({ id }) => id)
      if (ids.length > 0)
        await db.deleteFrom('jobs').where('realm', '=', realm).where('id', 'in', ids).execute()
      const rows = things.map((thing) => ({
        ...thing,
        ...{ kind, payload: '{}', run_at: now, attempts: 0, created_at: now },
      }))
      await addGiven(db, { table: 'jobs', realm, columns: givenColumns }, rows)
    },

    /** Jobs, done ones too, whose payload has exactly this text somewhere; reads the whole table. */
    mentioning: (text: string): Promise<JobRow[]> => {
      const pattern = `%${JSON.stringify(text).replaceAll(/[\\%_]/g, '\\$&')}%`
      return db
        .selectFrom('jobs')
        .selectAll()
        .where('realm', '=', realm)
        .where(sql<boolean>`payload like ${pattern} escape '\\'`)
        .orderBy('id')
        .execute()
    },

    /** Drops jobs, whether they wait, run or are done. */
    remove: async (ids: string[]): Promise<void> => {
      if (ids.length > 0)
        await db.deleteFrom('jobs').where('realm', '=', realm).where('id', 'in', ids).execute()
    },
  }
}

export type JobQueue = ReturnType<typeof jobQueue>

/** Nothing waits longer, so a later time was written before the clock was set back. */
const maxWaitMs = 3_600_000

type JobExpressions = ExpressionBuilder<Schema, 'jobs'>

/** Jobs that nobody has tried yet, or whose pause has ended. */
const isDue = (now: number) => (eb: JobExpressions) =>
  eb.or([eb('attempts', '=', 0), eb('run_at', '<=', now), eb('run_at', '>', now + maxWaitMs)])

const isFree = (now: number) => (eb: JobExpressions) =>
  eb.or([
    eb('leased_until', 'is', null),
    eb('leased_until', '<=', now),
    eb('leased_until', '>', now + maxWaitMs),
  ])

/** The jobs that a worker can run. */
interface JobSelection {
  kinds: string[]
  realms: string[]
  /** Their ids. */
  except: string[]
  /** Whose jobs are left out. */
  exceptTargets: string[]
}

interface Claim extends JobSelection {
  now: number
  leasedUntil: number
  max: number
}

/** The jobs of all realms, as the worker takes them. */
export function jobQueue(db: Database) {
  const waiting = ({ kinds, realms, except, exceptTargets }: JobSelection) =>
    db
      .selectFrom('jobs')
      .where('done_at', 'is', null)
      .where('dead_at', 'is', null)
      .where('kind', 'in', kinds)
      .where('realm', 'in', realms)
      .$if(except.length > 0, (jobs) => jobs.where('id', 'not in', except))
      .$if(exceptTargets.length > 0, (jobs) =>
        jobs.where((eb) => eb.or([eb('target', 'is', null), eb('target', 'not in', exceptTargets)])),
      )

  return {
    ...leasedJobs(db),

    /** Takes up to `max` due jobs until `leasedUntil`; no other worker gets them before that. */
    claim: ({ now, leasedUntil, max, ...selection }: Claim): Promise<JobRow[]> => {
      const due = waiting(selection)
        .select('id')
        .where(isDue(now))
        .where(isFree(now))
        .orderBy('run_at')
        .limit(literal(max))
      return (
        db
          .updateTable('jobs')
          .set({ leased_until: leasedUntil, attempts: sql`attempts + 1` })
          .where('id', 'in', due)
          // Again, since PostgreSQL re-checks only these when another worker was quicker.
          .where('done_at', 'is', null)
          .where(isFree(now))
          .returningAll()
          .execute()
      )
    },

    /** When the next job wants to run, in epoch milliseconds. */
    nextDueAt: async (selection: JobSelection): Promise<number | undefined> => {
      const next = await waiting(selection)
        .select((eb) => eb.fn.min(sql<number>`coalesce(leased_until, run_at)`).as('at'))
        .executeTakeFirst()
      return next?.at ?? undefined
    },

    /** How many wait, how many were given up, and since when the oldest due one waits, in epoch milliseconds. */
    state: async (now: number): Promise<{ waiting: number; dead: number; dueSince: number | undefined }> => {
      const open = await db
        .selectFrom('jobs')
        .select((eb) => [countRows, eb.fn.min('run_at').as('oldest')])
        .where('done_at', 'is', null)
        .where('dead_at', 'is', null)
        .executeTakeFirstOrThrow()
      const dead = await db
        .selectFrom('jobs')
        .select(countRows)
        .where('dead_at', 'is not', null)
        .executeTakeFirstOrThrow()
      const isDue = open.oldest !== null && open.oldest <= now
      return { waiting: open.count, dead: dead.count, dueSince: isDue ? open.oldest : undefined }
    },
  }
}

/** What becomes of a job. Only the holder of its lease may say so: one that ran out has gone to another worker. */
function leasedJobs(db: Database) {
  const update = (job: JobRow) =>
    db
      .updateTable('jobs')
      .where('id', '=', job.id)
      .where('leased_until', '=', job.leased_until)
      .where('done_at', 'is', null)

  return {
    /** Extends the lease, and says whether it was still there. */
    extend: async (job: JobRow, leasedUntil: number): Promise<boolean> =>
      (await countUpdated(update(job).set({ leased_until: leasedUntil }))) > 0,

    finish: async (job: JobRow, now: number): Promise<void> => {
      await update(job).set({ done_at: now, leased_until: null, last_error: null }).execute()
    },

    /** Removes a job that is done and of which nothing is to be kept. */
    forget: async (job: JobRow): Promise<void> => {
      await db
        .deleteFrom('jobs')
        .where('id', '=', job.id)
        .where('leased_until', '=', job.leased_until)
        .where('done_at', 'is', null)
        .execute()
    },

    retry: async (job: JobRow, { runAt, error }: { runAt: number; error: string }): Promise<void> => {
      await update(job).set({ run_at: runAt, leased_until: null, last_error: error }).execute()
    },

    /** Gives a job up; it stays for an operator to look at. */
    bury: async (job: JobRow, { now, error }: { now: number; error: string }): Promise<void> => {
      await update(job).set({ dead_at: now, leased_until: null, last_error: error }).execute()
    },
  }
}
