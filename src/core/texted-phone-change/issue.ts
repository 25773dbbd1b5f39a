import type { TicketRow } from '../../store/schema.ts'
import { identifierKey } from '../accounts/identifiers.ts'
import { type RealmContext, transaction } from '../context.ts'
import { addJob, type JobCause, type JobPayloads } from '../jobs.ts'
import { refusalOf } from '../limits/account-limits.ts'
import { limits } from '../limits/limits.ts'
import { consumeSentText } from '../limits/text-limits.ts'
import { issueTexted, withCodeForm } from '../recovery/texted-codes.ts'
import { holderOf, isYielded } from '../self-service/held-names.ts'
import { beginningOf, changeOf, kind, pendingTicket, subjectOf } from './pending.ts'

/**
 * Makes the code of the message of a change. `undefined` where another account keeps the number, or the account does not want
 * it any more. Throws `rate_limited` when the client or the country has been sent too many.
 */
export async function issueChangeText(
  ctx: RealmContext,
  job: JobPayloads['phone-change-new-sms'],
): Promise<string | undefined> {
  const { accountId, phone, place, isSpare = false } = job
  const holder = await holderOf(ctx, { name: 'phone', value: phone }, accountId)
  if (holder && !isYielded(holder, 'phone')) return undefined
  const pending = await pendingTicket(ctx, accountId)
  if (!pending || changeOf(pending).phone !== phone) return undefined
  await consumeSentText(ctx, phone, job)
  const made = await withCodeForm(
    ctx,
    { phone, holderId: undefined, place, isSpare },
    ({ mayBeShort: isShort }) =>
      transaction(ctx, async (ctx) => {
        await ctx.store.accounts.lock(accountId)
        const ticket = await pendingTicket(ctx, accountId)
        if (!ticket || changeOf(ticket).phone !== phone) return undefined
        const of = { kind, subject: subjectOf(phone, accountId), accountId, from: job }
        const payload = changeOf(ticket)
        const code = await issueTexted(
          ctx,
          { ...of, payload, askedAt: ticket.created_at },
          { isShort, place },
        )
        return { code, isShort }
      }),
  )
  return made?.code
}

/** Has the message of a pending change sent again, by the number that an account is to have, or has. */
export async function issueTextAgain(
  ctx: RealmContext,
  { phone, ...text }: JobPayloads['phone-change-again'] & JobCause,
): Promise<void> {
  const ticket = await findPending(ctx, phone)
  if (!ticket?.account_id || ticket.dialect !== text.dialect) return
  const wanted = changeOf(ticket).phone
  // What the request has counted is the other number's.
  const isCounted = wanted === phone
  const key = identifierKey({ phone: wanted })
  if (!isCounted && (await refusalOf(ctx, limits.smsPerNumber, key))) return
  await addJob(ctx, 'phone-change-new-sms', { ...text, phone: wanted, accountId: ticket.account_id })
}

async function findPending(ctx: RealmContext, phone: string): Promise<TicketRow | undefined> {
  const wanted = await ctx.store.tickets.newestLiveFor(kind, beginningOf(phone), ctx.now())
  if (wanted) return wanted
  const holder = await ctx.store.accounts.byPhone(phone)
  return holder && pendingTicket(ctx, holder.id)
}
