import type { Brand } from '../clients/client.ts'
import type { AnyContext, Context } from '../context.ts'
import { addJob, type OwnerNotice, type SecurityNotice } from '../jobs.ts'

/** Mails the owner of an account what was done to it, when, from where and on which device. Part of that transaction. */
export async function notifyOwner(
  ctx: AnyContext & Pick<Context, 'client'>,
  accountId: string,
  notice: OwnerNotice,
  values?: Record<string, string>,
): Promise<void> {
  await addJob(ctx, 'security-mail', { ...noticeOf(ctx, accountId, ctx.client.brand), notice, values })
}

/** What a mail tells an owner of whoever sends the request; nothing of an operator, who sends none. */
export function noticeOf(
  { actor, origin, now }: AnyContext,
  accountId: string,
  brand: Brand,
): SecurityNotice {
  const from = actor === undefined ? origin : undefined
  return { accountId, brand, at: now(), ip: from?.ip, device: from?.device }
}
