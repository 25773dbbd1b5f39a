import type { AccountRow, TicketRow } from '../../store/schema.ts'
import { refuseLink } from '../accounts/verification.ts'
import { recordEvent } from '../audit/audit.ts'
import type { Context } from '../context.ts'
import { findByTextedCode } from '../recovery/texted-codes.ts'
import { consumeFound } from '../recovery/tickets.ts'
import { followPhoneChange } from '../self-service/phone-change.ts'
import { signInByNewName } from '../self-service/sign-in-by-new-name.ts'
import type { SignedIn } from '../sessions/open-session.ts'
import type { FirstProof } from '../sessions/proof-of-person.ts'
import { withoutBlanks } from '../sign-in/authenticator.ts'
import { isOfThisDoor } from '../sign-in/sign-in.ts'
import { maskPhone } from '../text/masked-names.ts'
import { beginningOf, changeOf, kind } from './pending.ts'

const shown: FirstProof = { first: 'texted' }

/**
 * Gives an account the number that the code of a message has proven, and whoever has typed it a session, which lacks the
 * second factor where the account has one. Where several accounts want one number, the code of the newest message alone
 * counts. Other sessions stay, codes to the old number are void, and the owner is told by
 * mail, where that can be undone, and at the old number. Blanks in a code are ignored. Throws `ticket_invalid` for every code
 * that is not good, also where another account has got the number meanwhile, or the session has ended that has asked;
 * `second_factor_needed` at a door that asks for the factor before there is a session, `rate_limited`, and what a hook
 * refuses with: then the code stays good.
 */
export async function confirmTextedChange(
  ctx: Context,
  { phone, code }: { phone: string; code: string },
): Promise<SignedIn> {
  const beginning = beginningOf(phone)
  const wanted = await ctx.store.tickets.newestLiveFor(kind, beginning, ctx.now())
  const of = { kind, subject: wanted?.subject ?? beginning }
  const ticket = await findByTextedCode(ctx, { phone, code: withoutBlanks(code) }, of)
  const account = ticket && (await ctx.store.accounts.byId(ticket.account_id ?? ''))
  if (!ticket || account?.disabled_at !== null || !isOfThisDoor(ctx, ticket)) return refuseLink(ctx)
  const named = { name: 'phone', value: phone } as const
  return signInByNewName(ctx, account, { named, shown }, (ctx) => changePhone(ctx, account.id, ticket))
}

/** Part of a transaction that holds the account's row; `undefined` where the change is not wanted any more. */
async function changePhone(
  ctx: Context,
  accountId: string,
  ticket: TicketRow,
): Promise<AccountRow | undefined> {
  const { phone, sessionId } = changeOf(ticket)
  const before = await ctx.store.accounts.byId(accountId)
  // Whoever has been signed out since leaves nothing behind by which they come back.
  const asker = await ctx.store.sessions.liveById(sessionId, ctx.door.dialect, ctx.now())
  if (before?.disabled_at !== null || asker?.account_id !== accountId) return undefined
  if (!(await consumeFound(ctx, ticket))) return undefined
  const event = before.phone === phone ? 'phone.verified' : 'phone.changed'
  await recordEvent(ctx, event, { accountId, sessionId })
  await followPhoneChange(ctx, before, maskPhone(phone))
  return ctx.store.accounts.changePhone(accountId, phone, ctx.now())
}
