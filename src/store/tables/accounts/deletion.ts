import type { ExpressionBuilder } from 'kysely'
import type { AccountRow, Schema } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { updateAccount } from './update.ts'

/** How far from its day a deletion may be begun, and by whom; times in epoch milliseconds. */
interface DeletionClaim {
  now: number
  /** Those that were due before this have been missed, and are put off instead. */
  missedBefore: number
  /** A node that has claimed an account before this has stopped amid the work. */
  abandonedBefore: number
  max: number
}

/** What owners want of accounts that they no longer want. */
export function accountDeletion(db: Database, realm: string) {
  const update = (id: string) => updateAccount(db, realm, id)

  return {
    ...dueDeletions(db, realm),

    /** Sets the day; `undefined` when there was one already. */
    beginDeletion: (id: string, dueAt: number, now: number): Promise<AccountRow | undefined> =>
      update(id)
        .set({ deletion_due_at: dueAt, updated_at: now })
        .where('deletion_due_at', 'is', null)
        .executeTakeFirst(),

    /** Takes the day back; `undefined` when there was none, or when the deletion is under way already. */
    stopDeletion: (id: string, now: number): Promise<AccountRow | undefined> =>
      update(id)
        .set({ deletion_due_at: null, updated_at: now })
        .where('deletion_due_at', 'is not', null)
        .where('deletion_claimed_at', 'is', null)
        .executeTakeFirst(),
  }
}

/** What becomes of those whose day has come. */
function dueDeletions(db: Database, realm: string) {
  const accountsDue = (now: number) =>
    db
      .selectFrom('accounts')
      .select('id')
      .where('realm', '=', realm)
      .where('deletion_due_at', '<=', now)
      .orderBy('deletion_due_at')

  return {
    /** Whether there is one whose day has come: a look that locks nothing. */
    isDeletionDue: async (now: number): Promise<boolean> =>
      (await accountsDue(now).limit(1).executeTakeFirst()) !== undefined,

    /**
     * Takes some of the accounts whose day has come, for this node to delete. From here on nobody stops it: of this and
     * `stopDeletion` the one whose statement comes first decides, and of two nodes one has the account.
     */
    claimDeletions: ({
      now,
      missedBefore,
      abandonedBefore,
      max,
    }: DeletionClaim): Promise<{ id: string }[]> => {
      const isFree = (eb: ExpressionBuilder<Schema, 'accounts'>) =>
        eb.or([
          eb.and([eb('deletion_claimed_at', 'is', null), eb('deletion_due_at', '>=', missedBefore)]),
          eb('deletion_claimed_at', '<', abandonedBefore),
        ])
      return (
        db
          .updateTable('accounts')
          .set({ deletion_claimed_at: now })
          .where('id', 'in', accountsDue(now).where(isFree).limit(max))
          // Again, of the row as it is once its lock is had: PostgreSQL does not run the inner query anew.
          .where('deletion_due_at', '<=', now)
          .where(isFree)
          .returning('id')
          .execute()
      )
    },

    /** Puts off some that were missed, and returns them. */
    putOffDeletions: (
      missed: { before: number; max: number },
      { dueAt, now }: { dueAt: number; now: number },
    ): Promise<{ id: string }[]> =>
      db
        .updateTable('accounts')
        .set({ deletion_due_at: dueAt, updated_at: now })
        .where('deletion_due_at', '<', missed.before)
        .where('deletion_claimed_at', 'is', null)
        .where(
          'id',
          'in',
          accountsDue(missed.before - 1)
            .where('deletion_claimed_at', 'is', null)
            .limit(missed.max),
        )
        .returning('id')
        .execute(),
  }
}
