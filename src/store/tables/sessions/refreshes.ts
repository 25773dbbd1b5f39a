import { type ExpressionBuilder, sql } from 'kysely'
import { compiled } from '../../compiled.ts'
import type { Schema, SessionRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { countUpdated } from '../rows.ts'
import { sessionLists } from './lists.ts'
import { updateSession } from './update.ts'

/** The use of a refresh token of that generation. */
export interface RefreshStep {
  dialect: string
  generation: number
  idleExpiresAt: number
  /** The master key of the oldest token that may be shown from now on; what is known of it stays when not given. */
  masterKeyId?: string
  now: number
}

/** What a use of a refresh token writes. */
interface LiveUse extends Omit<RefreshStep, 'masterKeyId'> {
  id: string
  realm: string
  masterKeyId: string | null
}

/** When a session that is used now would end for want of use, if its absolute end does not come first. */
const idleEnd = (idleExpiresAt: number) =>
  sql<number>`case when absolute_expires_at < ${idleExpiresAt} then absolute_expires_at else ${idleExpiresAt} end`

const useLive = (db: Database, use: LiveUse) =>
  updateSession(db, use.realm, use.id)
    .set({
      last_used_at: use.now,
      idle_expires_at: idleEnd(use.idleExpiresAt),
      master_key_id: sql<string>`coalesce(${use.masterKeyId}, master_key_id)`,
    })
    .where('dialect', '=', use.dialect)
    .where('generation', '=', use.generation)
    .where('ended_at', 'is', null)
    .where('idle_expires_at', '>', use.now)
    .returningAll()

// The hot path.
const rotate = compiled((db, use: LiveUse) =>
  useLive(db, use).set((eb) => ({ generation: eb('generation', '+', 1), rotated_at: use.now })),
)
const extend = compiled(useLive)

/** What refresh tokens do to the sessions of one realm. */
export function refreshes(db: Database, realm: string) {
  const useOf = (id: string, step: RefreshStep): LiveUse => ({
    ...step,
    id,
    realm,
    masterKeyId: step.masterKeyId ?? null,
  })

  return {
    ...sessionLists(db, realm),

    /**
     * Replaces a refresh generation by the next one. Of any number of callers that present the same generation,
     * one gets the session and the others `undefined`, as with a session that has ended or expired.
     */
    rotate: async (id: string, step: RefreshStep): Promise<SessionRow | undefined> =>
      (await rotate(db, useOf(id, step)))[0],

    /** Extends a live session, of which the refresh token stays as it is; `undefined` when it has ended or expired. */
    extend: async (id: string, step: RefreshStep): Promise<SessionRow | undefined> =>
      (await extend(db, useOf(id, step)))[0],

    /** Has the time in which the last generation may be replayed begin now. */
    renewGrace: (id: string, generation: number, now: number): Promise<SessionRow | undefined> =>
      updateSession(db, realm, id)
        .set({ rotated_at: now })
        .where('generation', '=', generation)
        .returningAll()
        .executeTakeFirst(),

    /** Undoes what a rotation at that time may have done, or is about to: then this waits for it. */
    undoRotation: async (id: string, { generation, now }: RefreshStep): Promise<void> => {
      const isItsWork = (eb: ExpressionBuilder<Schema, 'sessions'>) =>
        eb.and([eb('generation', '=', generation + 1), eb('rotated_at', '=', now)])
      await updateSession(db, realm, id)
        // Not in the condition, as PostgreSQL waits only for rows that fit when it looks.
        .set((eb) => ({
          generation: eb.case().when(isItsWork(eb)).then(generation).else(eb.ref('generation')).end(),
        }))
        .execute()
    },

    /** Sets a session forward to a generation, and says whether it had not got there already. */
    fastForward: async (id: string, generation: number): Promise<boolean> => {
      const later = updateSession(db, realm, id).set({ generation }).where('generation', '<', generation)
      return (await countUpdated(later.where('ended_at', 'is', null))) > 0
    },
  }
}
