import type { AccountRow } from '../../store/schema.ts'
import { foldEmail } from '../accounts/emails.ts'
import { recordEvent } from '../audit/audit.ts'
import type { Brand, ClientRef } from '../clients/client.ts'
import { clientRef } from '../clients/clients.ts'
import type { Context, RealmContext } from '../context.ts'
import { addJob } from '../jobs.ts'
import { consumeMail } from '../limits/account-limits.ts'
import { limits } from '../limits/limits.ts'
import type { MailWish } from '../recovery/mailed-codes.ts'
import { emailChangeKinds, issueTicket } from '../recovery/tickets.ts'
import type { Caller, PreparedChange } from '../sessions/sessions.ts'
import { type Half, kindOf, lifetimeSeconds, subjectOf } from './halves.ts'

/** The mails of a change. */
export interface ChangeMails extends MailWish {
  /** The address that the account is to have; of `requestChangeMailsAgain`, the one that it has. */
  email: string
  /** Holds `{token}`. */
  link: string
  brand: Brand
}

/**
 * Counts the mails by which the caller's account is to get another address. What it returns has it get that once its mailbox
 * has confirmed it, and the one that the account has, too, where that is proven: a mail goes to each. An earlier change is
 * given up. An address that another account has gets a mail that says so, and the caller the same answer. Throws
 * `rate_limited`.
 */
export async function prepareMailedChange(
  ctx: Context,
  { account, session }: Caller,
  mails: ChangeMails,
): Promise<PreparedChange> {
  const email = foldEmail(mails.email)
  await ctx.limiter.consume(limits.nameChangesPerAccount, account.id)
  await consumeMail(ctx, email)
  const proven = provenEmail(account)
  if (proven !== undefined) await consumeMail(ctx, proven)
  return async (ctx, current) => {
    const asked = await beginChange(ctx, current, { email, from: clientRef(ctx) })
    await recordEvent(ctx, 'email.change_requested', { accountId: account.id, sessionId: session.id })
    for (const half of asked) {
      const to = half === 'new' ? email : (current.email ?? '')
      const mail = { ...mails, email: to, accountId: account.id, half, newEmail: email }
      await addJob(ctx, 'email-change-half-mail', { ...mail, ...clientRef(ctx) })
    }
    return current
  }
}

/**
 * Has the mails of the pending change of the account that has this address sent again, as far as they are not confirmed;
 * whether there is one, the job finds out, so the answer cannot tell. Throws `rate_limited`.
 */
export async function requestChangeMailsAgain(ctx: Context, mails: ChangeMails): Promise<void> {
  const email = foldEmail(mails.email)
  await consumeMail(ctx, email)
  await addJob(ctx, 'email-change-again', { ...mails, email, ...clientRef(ctx) })
}

/**
 * Begins a change of an account's address, in a transaction that holds its row, and returns the halves that are to be
 * confirmed. Their secrets are nobody's: those that are mailed are made with the mails.
 */
export async function beginChange(
  ctx: RealmContext,
  account: AccountRow,
  { email, from }: { email: string; from: ClientRef },
): Promise<Half[]> {
  const { id: accountId } = account
  await ctx.store.tickets.consumeAll(accountId, emailChangeKinds, ctx.now())
  const asked: Half[] = provenEmail(account) === undefined ? ['new'] : ['new', 'current']
  const payload = { email, isOtherConfirmed: asked.length === 1 }
  for (const half of asked) {
    const [kind, subject] = [kindOf(half), subjectOf(half, accountId, email)]
    await issueTicket(ctx, { kind, subject, accountId, lifetimeSeconds, payload, from })
  }
  return asked
}

/** Whoever reads the mails at an address that nobody has proven may be a stranger, and has no say. */
function provenEmail({ email, email_verified_at }: AccountRow): string | undefined {
  return email === null || email_verified_at === null ? undefined : email
}
