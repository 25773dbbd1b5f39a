import type { JobRow } from '../../store/schema.ts'
import { recordEvent } from '../audit/audit.ts'
import { type AnyContext, stopClock, transaction } from '../context.ts'
import { recipientOf } from './list.ts'

/**
 * Has a message that was given up be sent again, from its first attempt on. What it holds is made when it is sent: a mail
 * with a link gets a new one, unless a newer was asked for since, or what it is about is over; then nothing is sent.
 * Returns `false` when it is not given up any more.
 */
export function sendAgain(ctx: AnyContext, id: string): Promise<boolean> {
  return transaction(stopClock(ctx), async (ctx) => {
    const [message] = await ctx.store.lists.reviveMessages([id], ctx.now())
    if (!message) return false
    await recordEvent(ctx, 'message.sent_again', { accountId: accountOf(message), detail: message.kind })
    ctx.afterCommit(ctx.wakeWorker)
    return true
  })
}

/** Messages of one transaction. */
const batch = 200

/** Has every message that was given up until now be sent again, of one kind if that is given. Returns how many. */
export async function sendAllAgain(ctx: AnyContext, kind?: string): Promise<number> {
  const begun = stopClock(ctx)
  await recordEvent(begun, 'messages.sent_again', { detail: kind ?? 'all' })
  let count = 0
  let from: { time: number; id: string } | undefined
  do {
    const query = { state: 'given-up', kind, now: begun.now(), from, max: batch } as const
    const { rows, stoppedAt } = await ctx.store.lists.messages(query)
    const ids = rows.map(({ id }) => id)
    count += (await ctx.store.lists.reviveMessages(ids, begun.now())).length
    const last = rows.at(-1)
    from = rows.length === batch && last ? { time: last.dead_at ?? 0, id: last.id } : stoppedAt
  } while (from)
  ctx.wakeWorker()
  return count
}

/** Drops a message that waits or was given up. Returns `false` when there is none, or it is sent or being sent. */
export function dropMessage(ctx: AnyContext, id: string): Promise<boolean> {
  return transaction(stopClock(ctx), async (ctx) => {
    const message = await ctx.store.lists.dropMessage(id, ctx.now())
    if (!message) return false
    await recordEvent(ctx, 'message.dropped', { accountId: accountOf(message), detail: message.kind })
    return true
  })
}

/** Whom a message is for, in full, which is noted in the trail. `undefined` when there is no such message, or nobody. */
export async function showRecipient(ctx: AnyContext, id: string): Promise<string | undefined> {
  const message = await ctx.store.lists.message(id)
  if (!message) return undefined
  const accountId = accountOf(message)
  const account = accountId === undefined ? undefined : await ctx.store.accounts.byId(accountId)
  const to = recipientOf(JSON.parse(message.payload), account)
  if (to !== undefined) await recordEvent(ctx, 'message.recipient_shown', { accountId, detail: message.kind })
  return to
}

function accountOf({ payload }: JobRow): string | undefined {
  return JSON.parse(payload).accountId
}
