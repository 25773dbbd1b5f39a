import type { AccountRow, TicketRow } from '../../store/schema.ts'
import { isProven, isUntouched, mayRecover } from '../accounts/proven-names.ts'
import { claimEmail } from '../accounts/take-over.ts'
import { markVerified } from '../accounts/verification.ts'
import type { Context } from '../context.ts'
import { maySignIn } from './request.ts'

/** Whom the ticket of a mail is for: the account that it names, or the address where it names none. */
export interface Addressee {
  account?: AccountRow | undefined
  email: string
}

/**
 * The account that a mailed secret signs in to, with its address proven. Part of a transaction, which holds the account's
 * row where there is one. `undefined` where the mail is not good for it any more.
 */
export type Settle = (
  ctx: Context,
  ticket: TicketRow,
  addressee: Addressee,
) => Promise<AccountRow | undefined>

/** The sign-up's own mail confirms the account as it stands, until another name of it is proven. */
export const confirm: Settle = async (ctx, _ticket, { account }) =>
  account && !isProven(account) ? markVerified(ctx, account, 'sign_up') : undefined

export const recover: Settle = async (ctx, _ticket, { account, email }) => {
  if (!account || !mayRecover(ctx, account, 'email')) return undefined
  return isProven(account) ? markVerified(ctx, account, 'mailed') : claim(ctx, { account, email })
}

export const signIn: Settle = async (ctx, { payload }, { account, email }) => {
  const { opensAccount, profile } = JSON.parse(payload)
  if (!maySignIn(ctx, account, opensAccount)) return undefined
  return account && account.email_verified_at !== null ? account : claim(ctx, { account, email, profile })
}

export const accept: Settle = async (ctx, _ticket, { account }) =>
  // What a stranger had set up in it was void when the invitation was made.
  account && !isProven(account) && account.password_hash === null
    ? markVerified(ctx, account, 'mailed')
    : undefined

/** Gives the address, and what goes with it, to whoever reads the mails there. */
async function claim(
  ctx: Context,
  { account, email, profile }: Addressee & { profile?: Record<string, unknown> },
): Promise<AccountRow | undefined> {
  if (account && !isProven(account) && isUntouched(account)) return markVerified(ctx, account, 'mailed')
  // Nothing of what a stranger has said of the person stays.
  return claimEmail(ctx, { email, passwordHash: null, profile: profile ?? {}, brand: ctx.client.brand })
}
