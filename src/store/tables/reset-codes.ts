import { type ExpressionBuilder, sql } from 'kysely'
import type { Schema, TicketRow } from '../schema.ts'
import type { Database } from '../types.ts'
import { updateLive } from './tickets.ts'

/** A code to be stored. Without a `guess_limit` it is a long one, which nobody guesses and no guess uses up. */
type NewResetCode = Omit<
  TicketRow,
  'realm' | 'kind' | 'payload' | 'attempts' | 'asker_attempts' | 'consumed_at'
>

/** Who guesses: a MAC of the place, and how many wrong guesses those get who have asked for a code from there. */
export interface Guesser {
  place: string
  max: number
}

const kind = 'reset-code'

/** Codes of text messages, which are tickets that can be guessed, of one realm. */
export function resetCodes(db: Database, realm: string) {
  return {
    ...guesses(db, realm),

    /** The code that an account has, unless it is used or expired. */
    liveOf: (accountId: string, now: number): Promise<TicketRow | undefined> =>
      db
        .selectFrom('tickets')
        .selectAll()
        .where((eb) => eb.and({ realm, kind, subject: accountId }))
        .where('consumed_at', 'is', null)
        .where('expires_at', '>', now)
        .executeTakeFirst(),

    /** Stores a code, which replaces its subject's, and says whether it could: not while another subject has it live. */
    put: async (code: NewResetCode, now: number): Promise<boolean> => {
      const isDead = (eb: ExpressionBuilder<Schema, 'tickets'>) =>
        eb.or([
          eb('subject', '=', code.subject),
          eb('consumed_at', 'is not', null),
          eb('expires_at', '<=', now),
        ])
      await db
        .deleteFrom('tickets')
        .where('realm', '=', realm)
        .where('kind', '=', kind)
        .where((eb) => eb.or({ hash: code.hash, subject: code.subject }))
        .where(isDead)
        .execute()
      const unused = { attempts: 0, asker_attempts: 0, consumed_at: null }
      const stored = await db
        .insertInto('tickets')
        .values({ ...code, ...unused, realm, kind, payload: '{}' })
        .onConflict((conflict) => conflict.doNothing())
        .returning('hash')
        .executeTakeFirst()
      return stored !== undefined
    },

    /** Uses a long code up; one that was asked for from a place is good from there alone. */
    consumeLong: (hash: string, now: number): Promise<TicketRow | undefined> =>
      updateLive(db, realm, kind, now)
        .set({ consumed_at: now })
        .where('hash', '=', hash)
        .where('guess_limit', 'is', null)
        .executeTakeFirst(),
  }
}

/** Guesses at the short codes of one realm. */
function guesses(db: Database, realm: string) {
  const isOpenToAsker = (eb: ExpressionBuilder<Schema, 'tickets'>, { place, max }: Guesser) =>
    eb.and([eb('asked_from', '=', place), eb('asker_attempts', '<', max)])

  return {
    /**
     * Counts a guess at the code of one subject before it is judged, once for everybody and once more for the place
     * that has asked for it. `undefined` when the code is dead, or when neither whoever comes (`maxOfAll`) nor that
     * place has a guess left.
     */
    guess: (
      of: { kind: string; subject: string },
      { guesser, maxOfAll, now }: { guesser: Guesser; maxOfAll: number; now: number },
    ): Promise<TicketRow | undefined> =>
      updateLive(db, realm, of.kind, now)
        .set({
          attempts: sql`attempts + 1`,
          asker_attempts: sql`asker_attempts + case when asked_from = ${guesser.place} then 1 else 0 end`,
        })
        .where('subject', '=', of.subject)
        .where((eb) => eb.or([eb('attempts', '<', maxOfAll), isOpenToAsker(eb, guesser)]))
        .executeTakeFirst(),

    /**
     * Uses a short code up. Not when its client has seen too many failed guesses, of which this is number `guess`,
     * unless it comes from the place that has asked for the code and has a guess left.
     */
    consumeGuessed: (
      hash: string,
      { guesser, guess, now }: { guesser: Guesser; guess: number; now: number },
    ): Promise<TicketRow | undefined> =>
      updateLive(db, realm, kind, now)
        .set({ consumed_at: now })
        .where('hash', '=', hash)
        .where((eb) => eb.or([eb('guess_limit', '>=', guess), isOpenToAsker(eb, guesser)]))
        .executeTakeFirst(),

    /** Counts a wrong guess for the codes of a client that were asked for from the same place. */
    countAtAsker: async (
      { dialect, client_id }: { dialect: string; client_id: string },
      { place, now }: { place: string; now: number },
    ): Promise<void> => {
      await updateLive(db, realm, kind, now)
        .set({ asker_attempts: sql`asker_attempts + 1` })
        .where((eb) => eb.and({ asked_from: place, dialect, client_id }))
        .execute()
    },
  }
}
