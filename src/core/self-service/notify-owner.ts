import type { Context } from '../context.ts'
import { addJob, type OwnerNotice } from '../jobs.ts'
import { noticeOf } from '../sign-in/second-factor-changes.ts'

/** Mails the owner of an account what was done to it, when, from where and on which device. Part of that transaction. */
export async function notifyOwner(
  ctx: Context,
  accountId: string,
  notice: OwnerNotice,
  values?: Record<string, string>,
): Promise<void> {
  await addJob(ctx, 'security-mail', { ...noticeOf(ctx, accountId, ctx.client.brand), notice, values })
}
