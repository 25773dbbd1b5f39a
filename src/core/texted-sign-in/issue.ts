import type { AccountRow, TicketRow } from '../../store/schema.ts'
import { isProven, mayRecover } from '../accounts/proven-names.ts'
import { type RealmContext, transaction } from '../context.ts'
import type { JobPayloads } from '../jobs.ts'
import { consumeSentText } from '../limits/text-limits.ts'
import { doDummyWork } from '../recovery/by-mail.ts'
import { isShortCode, issueTexted, withCodeForm } from '../recovery/texted-codes.ts'
import type { TicketKind } from '../recovery/tickets.ts'

type SignInText = JobPayloads['sign-in-sms']

export const kind: TicketKind = 'texted-sign-in'

/** What the ticket of such a message holds. */
export interface Wanted {
  opensAccount: boolean
  profile?: Record<string, unknown>
}

export function wantedOf({ payload }: TicketRow): Wanted {
  const { opensAccount, profile } = JSON.parse(payload)
  return { opensAccount, profile }
}

/**
 * Makes the code of a message. `undefined` when nobody may have it, or a newer request has been answered. Throws
 * `rate_limited` when the client or the country has been sent too many: a number that gets no message uses nothing up.
 */
export async function issueSignInText(ctx: RealmContext, job: SignInText): Promise<string | undefined> {
  const { phone, place, isSpare = false } = job
  const holder = await ctx.store.accounts.byPhone(phone)
  const wanted = await readWanted(ctx, job)
  if (!maySignIn(ctx, holder, wanted.opensAccount)) return doDummyWork(ctx, job)
  await consumeSentText(ctx, phone, job)
  const made = await withCodeForm(ctx, { phone, holderId: holder?.id, place, isSpare }, (form) =>
    transaction(ctx, async (ctx) => {
      if (holder) await ctx.store.accounts.lock(holder.id)
      const earlier = await ctx.store.tickets.liveOf(kind, phone, ctx.now())
      if (earlier && isNewer(ctx, earlier, job.askedAt)) return undefined
      // A stranger's request must not take from its owner what nobody guesses.
      const isShort = form.mayBeShort && (form.isKnown || !earlier || isShortCode(earlier))
      const of = { kind, subject: phone, accountId: holder?.id, askedAt: job.askedAt, from: job }
      const code = await issueTexted(ctx, { ...of, payload: wanted }, { isShort, place })
      return { code, isShort }
    }),
  )
  return made?.code
}

/** What is wanted of a message that is sent again was said when it was first asked for. */
async function readWanted(
  ctx: RealmContext,
  { phone, opensAccount, profile, isRepeated = false, dialect }: SignInText,
): Promise<Wanted> {
  const earlier = isRepeated ? await ctx.store.tickets.liveOf(kind, phone, ctx.now()) : undefined
  return earlier?.dialect === dialect ? wantedOf(earlier) : { opensAccount, profile }
}

/** What is dated later than now is older: the clock has been set back since. */
function isNewer(ctx: RealmContext, { created_at }: TicketRow, askedAt: number): boolean {
  return created_at > askedAt && created_at <= ctx.now()
}

/**
 * Whether whoever reads the messages of a number may be signed in to the account that has it, or to one that is opened; an
 * account in which nobody has proven the number becomes theirs with that.
 */
export function maySignIn(ctx: RealmContext, holder: AccountRow | undefined, opensAccount: boolean): boolean {
  if (!holder) return opensAccount
  if (holder.disabled_at !== null) return false
  if (holder.phone_verified_at !== null || opensAccount) return true
  return !isProven(holder) && mayRecover(ctx, holder, 'phone')
}
