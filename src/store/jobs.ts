import { sql } from 'kysely'
import type { Database } from './database.ts'
import type { JobRow } from './schema.ts'

export type Jobs = ReturnType<typeof jobs>

/** The jobs that one realm writes. */
export function jobs(db: Database, realm: string) {
  return {
    add: async (
      job: { id: string; kind: string; payload: Record<string, unknown> },
      now: number,
    ): Promise<void> => {
      await db
        .insertInto('jobs')
        .values({
          id: job.id,
          realm,
          kind: job.kind,
          payload: JSON.stringify(job.payload),
          run_at: now,
          attempts: 0,
          leased_until: null,
          last_error: null,
          created_at: now,
          done_at: null,
          dead_at: null,
        })
        .execute()
    },
  }
}

export type JobQueue = ReturnType<typeof jobQueue>

/** The jobs of all realms, as the worker takes them. */
export function jobQueue(db: Database) {
  /** Only the holder of the lease may say how a job ended: a lease that ran out has gone to another worker. */
  const leased = (job: JobRow) =>
    db
      .updateTable('jobs')
      .where('id', '=', job.id)
      .where('leased_until', '=', job.leased_until)
      .where('done_at', 'is', null)

  return {
    /** Takes up to `most` due jobs until `leasedUntil`; no other worker gets them before that. */
    claim: ({
      now,
      leasedUntil,
      most,
    }: {
      now: number
      leasedUntil: number
      most: number
    }): Promise<JobRow[]> => {
      const due = db
        .selectFrom('jobs')
        .select('id')
        .where('done_at', 'is', null)
        .where('dead_at', 'is', null)
        .where('run_at', '<=', now)
        .where((eb) => eb.or([eb('leased_until', 'is', null), eb('leased_until', '<=', now)]))
        .orderBy('run_at')
        .limit(most)
      return (
        db
          .updateTable('jobs')
          .set({ leased_until: leasedUntil, attempts: sql`attempts + 1` })
          .where('id', 'in', due)
          // Again, since PostgreSQL re-checks only these when another worker was quicker.
          .where('done_at', 'is', null)
          .where((eb) => eb.or([eb('leased_until', 'is', null), eb('leased_until', '<=', now)]))
          .returningAll()
          .execute()
      )
    },

    /** When the next job wants to run, in epoch milliseconds. */
    nextDueAt: async (): Promise<number | undefined> => {
      const next = await db
        .selectFrom('jobs')
        .select((eb) => eb.fn.min(sql<number>`coalesce(leased_until, run_at)`).as('at'))
        .where('done_at', 'is', null)
        .where('dead_at', 'is', null)
        .executeTakeFirst()
      return next?.at ?? undefined
    },

    finish: async (job: JobRow, now: number): Promise<void> => {
      await leased(job).set({ done_at: now, leased_until: null, last_error: null }).execute()
    },

    retry: async (job: JobRow, { runAt, error }: { runAt: number; error: string }): Promise<void> => {
      await leased(job).set({ run_at: runAt, leased_until: null, last_error: error }).execute()
    },

    /** Gives a job up; it stays for an operator to look at. */
    bury: async (job: JobRow, { now, error }: { now: number; error: string }): Promise<void> => {
      await leased(job).set({ dead_at: now, leased_until: null, last_error: error }).execute()
    },
  }
}
