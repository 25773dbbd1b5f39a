import type { FastifyRequest } from 'fastify'
import type { Account } from '../../core/accounts/account.ts'
import { accountWithId } from '../../core/accounts/admin.ts'
import { isUuid } from '../../http/fields.ts'
import { Refused, refusals } from './errors.ts'

/** The account whose id is in the path. */
export async function userNamed({ ctx, params }: FastifyRequest): Promise<Account> {
  const { id } = params as { id: string }
  if (!isUuid(id)) throw new Refused(refusals.userIdForm)
  const account = await accountWithId(ctx, id)
  if (!account) throw new Refused(refusals.userNotFound)
  return account
}
