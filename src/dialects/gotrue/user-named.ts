import type { FastifyRequest } from 'fastify'
import { accountWithId } from '../../core/accounts/admin.ts'
import { isUuid } from '../../http/fields.ts'
import type { AccountRow } from '../../store/schema.ts'
import { Refused, refusals } from './errors.ts'

/** The account whose id is in the path. */
export async function userNamed({ ctx, params }: FastifyRequest): Promise<AccountRow> {
  const { id } = params as { id: string }
  if (!isUuid(id)) throw new Refused(refusals.userIdForm)
  const account = await accountWithId(ctx, id)
  if (!account) throw new Refused(refusals.userNotFound)
  return account
}
