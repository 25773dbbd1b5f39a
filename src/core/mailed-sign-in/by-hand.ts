import type { AccountRow } from '../../store/schema.ts'
import { foldEmail } from '../accounts/emails.ts'
import { createUntaken } from '../accounts/new-accounts.ts'
import { isProven } from '../accounts/proven-names.ts'
import { handOver } from '../accounts/take-over.ts'
import { recordEvent } from '../audit/audit.ts'
import { clientRef } from '../clients/clients.ts'
import { type Context, stopClock, transaction } from '../context.ts'
import { AuthError } from '../errors.ts'
import { readGivenPassword } from '../managing/given-password.ts'
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
  /** Of the account where a sign-up opens one. */
  password?: string | undefined
}

/** A link and a code that nobody has been mailed, and whose they are. */
export interface MadeLink {
  account: AccountRow
  secret: Required<MailedSecret>
}

/**
 * Makes the link and the code of a mail that somebody else sends; whoever shows one of them counts as the reader of that
 * mailbox. Earlier ones of the kind are void. A sign-up, a sign-in and an invitation open an account where nobody has the
 * address. `undefined` where a recovery finds none. Throws `email_taken` for a sign-up or an invitation of one that is
 * proven, and of the password of a sign-up `password_rejected` and `overloaded`.
 */
export async function makeSignInLink(
  ctx: Context,
  purpose: SignInPurpose,
  { email: typed, profile, password }: ByHand,
): Promise<MadeLink | undefined> {
  const email = foldEmail(typed)
  // Slow, so before the transaction.
  const given =
    purpose === 'sign_up' ? await readGivenPassword(ctx, { password }, { email: typed }) : undefined
  const wanted = { email, profile, passwordHash: given?.hash }
  return transaction(stopClock(ctx), async (ctx) => {
    const account = await addressees[purpose](ctx, wanted)
    if (!account) return undefined
    const { id, email } = account
    if (purpose === 'recovery') await supersedeRequests(ctx, id, ctx.now())
    await recordEvent(ctx, 'account.link_made', { accountId: id, detail: purpose })
    const ticket = { ...ticketOf(purpose, { email: email ?? '', accountId: id }), accountId: id }
    const lifetimeSeconds = lifetimesSeconds[purpose]
    const secret = await issueWithCode(ctx, { ...ticket, lifetimeSeconds, from: clientRef(ctx) })
    return { account, secret }
  })
}

/** Of the account where one is opened. */
interface Wanted {
  email: string
  profile: Record<string, unknown> | undefined
  passwordHash: string | undefined
}

type Addressee = (ctx: Context, wanted: Wanted) => Promise<AccountRow | undefined>

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

/** How long the link of each purpose is good. */
const lifetimesSeconds: Record<SignInPurpose, number> = {
  sign_up: day,
  sign_in: day / 24,
  recovery: day / 24,
  invitation: invitationLifetimeSeconds,
}
