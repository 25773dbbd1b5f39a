import { z } from 'zod'
import { accountWithId } from '../../../core/accounts/admin.ts'
import { OperatorError } from '../../../core/operators/operator-error.ts'
import type { AccountRow } from '../../../store/schema.ts'
import type { Desk } from '../../desk.ts'

/** The id of an account. */
export const accountField = z.string().min(1).max(255)

/** The account of that id in the realm of the desk. Throws `not_found`. */
export async function accountAt({ ctx }: Desk, id: string): Promise<AccountRow> {
  // No database looks for these, and nobody is called so.
  const account = id.isWellFormed() && !id.includes('\0') ? await accountWithId(ctx, id) : undefined
  if (!account) throw new OperatorError('not_found')
  return account
}
