import type { AccountRow } from '../../store/schema.ts'
import { foldEmail } from '../accounts/emails.ts'
import { createUntaken } from '../accounts/new-accounts.ts'
import { isProven } from '../accounts/proven-names.ts'
import { handOver } from '../accounts/take-over.ts'
import { recordEvent } from '../audit/audit.ts'
import { clientRef } from '../clients/clients.ts'
import { type Context, stopClock, transaction } from '../context.ts'
import { AuthError } from '../errors.ts'
import { supersedeRequests } from '../recovery/by-mail.ts'
import { issueWithCode, type MailedSecret } from '../recovery/mailed-codes.ts'
import { type SignInPurpose, ticketOf } from './find.ts'
import { invitationLifetimeSeconds, openInvited } from './invite.ts'

const day = 24 * 60 * 60

/** What an operator wants a link and a code for, to mail them without this server. */
interface ByHand {
  email: string
  /** Of the account where one is opened for it. */
  profile?: Record<string, unknown> | undefined
  /** Likewise; hashed. */
  passwordHash?: string | undefined
}

/** A link and a code that nobody has been mailed, and whose they are. */
export interface IssuedByHand {
  account: AccountRow
  secret: Required<MailedSecret>
}

/**
 * Makes the link and the code of a mail that somebody else sends; whoever shows one of them counts as the reader of that
 * mailbox. Earlier ones of the kind are void. A sign-up, a sign-in and an invitation open an account where nobody has the
 * address. `undefined` where a recovery finds none. Throws `email_taken` for a sign-up or an invitation of one that is proven.
 */
export function issueByHand(
  ctx: Context,
  purpose: SignInPurpose,
  wanted: ByHand,
): Promise<IssuedByHand | undefined> {
  return transaction(stopClock(ctx), async (ctx) => {
    const account = await addressees[purpose](ctx, { ...wanted, email: foldEmail(wanted.email) })
    if (!account) return undefined
    const { id, email } = account
    if (purpose === 'recovery') await supersedeRequests(ctx, id, ctx.now())
    await recordEvent(ctx, 'account.link_made', { accountId: id, detail: purpose })
    const ticket = { ...ticketOf(purpose, { email: email ?? '', accountId: id }), accountId: id }
    const lifetimeSeconds = lifetimes[purpose]
    const secret = await issueWithCode(ctx, { ...ticket, lifetimeSeconds, from: clientRef(ctx) })
    return { account, secret }
  })
}

type Addressee = (ctx: Context, wanted: ByHand) => Promise<AccountRow | undefined>

const signedUp: Addressee = async (ctx, { email, profile, passwordHash: password_hash }) => {
  const holder = await ctx.store.accounts.byEmail(email)
  if (!holder) return createUntaken(ctx, { email, profile, password_hash })
  if (isProven(holder)) throw new AuthError('email_taken')
  return handOver(ctx, holder, { profile, passwordHash: password_hash })
}

const signedIn: Addressee = async (ctx, { email, profile }) =>
  (await ctx.store.accounts.byEmail(email)) ?? createUntaken(ctx, { email, profile })

const addressees: Record<SignInPurpose, Addressee> = {
  sign_up: signedUp,
  sign_in: signedIn,
  recovery: (ctx, { email }) => ctx.store.accounts.byEmail(email),
  invitation: openInvited,
}

/** In seconds. */
const lifetimes: Record<SignInPurpose, number> = {
  sign_up: day,
  sign_in: day / 24,
  recovery: day / 24,
  invitation: invitationLifetimeSeconds,
}
