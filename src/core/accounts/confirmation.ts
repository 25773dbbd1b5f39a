import type { AccountRow, TicketRow } from '../../store/schema.ts'
import type { ClientRef } from '../clients/client.ts'
import { brandAt } from '../clients/clients.ts'
import { type RequestContext, stopClock, transaction } from '../context.ts'
import { AuthError } from '../errors.ts'
import { consumeTicket, findTicket, issueTicket, type TicketKind } from '../recovery/tickets.ts'
import { checkCredentials } from '../sign-in/credentials.ts'
import { isProven } from './proven-names.ts'
import { claimEmail } from './take-over.ts'
import { markVerified, refuseLink } from './verification.ts'

/** Of the link to choose a password for an account that was made one's own. */
const lifetimeSeconds = 60 * 60

/** What the link of a mail that proves an e-mail address leads to, and which client had the mail sent. */
export interface OpenLink extends ClientRef {
  /**
   * `sign-up`: the link confirms the account as it stands. `account`: somebody may have opened the account without the
   * reader, so it takes its password to confirm it as it stands. `address`: nobody has it. `done`: it is verified.
   */
  confirms: 'sign-up' | 'account' | 'address' | 'done'
  email: string
  account?: AccountRow
  kind: TicketKind
}

/** Both kinds of mails lead to the same page. */
const kinds: TicketKind[] = ['confirm-sign-up', 'verify-email']

async function findLink(
  ctx: RequestContext,
  code: string,
): Promise<{ kind: TicketKind; ticket: TicketRow } | undefined> {
  for (const kind of kinds) {
    const ticket = await findTicket(ctx, kind, code)
    if (ticket) return { kind, ticket }
  }
}

/** What there is to confirm, for the page that a link opens. Throws `ticket_invalid`, `rate_limited`. */
export async function readLink(ctx: RequestContext, code: string): Promise<OpenLink> {
  const found = await findLink(ctx, code)
  if (!found) return refuseLink(ctx)
  const { kind, ticket } = found
  const { account_id: accountId, subject, dialect, client_id: clientId } = ticket
  const { accounts } = ctx.store
  const account = await (accountId === null ? accounts.byEmail(subject) : accounts.byId(accountId))
  const email = accountId === null ? subject : account?.email
  // The address has left the account since.
  if (!email) return refuseLink(ctx)
  const isDone = ticket.consumed_at !== null || (account && account.email_verified_at !== null)
  const confirms = isDone ? 'done' : confirmedBy(kind, account)
  return { confirms, email, account, kind, dialect, clientId }
}

/** The mail of a sign-up confirms it until another name of the account is proven: by then it may be somebody else's. */
function confirmedBy(kind: TicketKind, account: AccountRow | undefined): OpenLink['confirms'] {
  if (!account) return 'address'
  return kind === 'confirm-sign-up' && !isProven(account) ? 'sign-up' : 'account'
}

/**
 * Confirms the account that a sign-up has opened, with all that it holds, and uses the code of its mail up. At a door,
 * the mail must be that door's. Returns the account. Throws `ticket_invalid`, `rate_limited`.
 */
export async function confirmSignUp(ctx: RequestContext, code: string): Promise<AccountRow> {
  const ticket = await findTicket(ctx, 'confirm-sign-up', code)
  const isForeign = ctx.door !== undefined && ticket?.dialect !== ctx.door.dialect
  const accountId = ticket?.account_id
  if (!accountId || isForeign) return refuseLink(ctx)
  return transaction(stopClock(ctx), async (ctx) => {
    // The account's row before the ticket, as everywhere.
    const account = await ctx.store.accounts.lock(accountId)
    const isOpen = account?.disabled_at === null && !isProven(account)
    const isOurs = isOpen && (await consumeTicket(ctx, 'confirm-sign-up', code))
    if (!isOurs) throw new AuthError('ticket_invalid')
    return markVerified(ctx, account, 'sign_up')
  })
}

/**
 * Confirms the address of an account by the link of a mail together with the account's password, so that it keeps all
 * that it holds, and uses the link up. Throws `ticket_invalid`, `credentials_invalid`, `rate_limited`, `overloaded`.
 */
export async function confirmWithPassword(
  ctx: RequestContext,
  { code, password }: { code: string; password: string },
): Promise<AccountRow> {
  const { kind, email, confirms } = await readLink(ctx, code)
  if (confirms !== 'account') return refuseLink(ctx)
  const checked = await checkCredentials(ctx, { email, password })
  return transaction(stopClock(ctx), async (ctx) => {
    // Whoever has proven another name meanwhile has set another password.
    const account = await ctx.store.accounts.lockIfPasswordUnchanged(checked)
    const isOurs = account?.email === email && (await consumeTicket(ctx, kind, code))
    if (!isOurs) throw new AuthError('ticket_invalid')
    return markVerified(ctx, account, 'password')
  })
}

/**
 * Hands the account of an e-mail address, emptied, to whoever has the link of a mail and did not open the account. Uses the
 * link up, and returns the secret of one to choose a password with. Throws `ticket_invalid`, also when the address is
 * proven already, and `rate_limited`.
 */
export async function claimByLink(ctx: RequestContext, code: string): Promise<string> {
  const link = await readLink(ctx, code)
  const { kind, email, account } = link
  if (!account) return refuseLink(ctx)
  const brand = brandAt(ctx, link)
  return transaction(stopClock(ctx), async (ctx) => {
    // The account's row before the ticket, as everywhere.
    await ctx.store.accounts.lock(account.id)
    const claimed =
      (await consumeTicket(ctx, kind, code)) && (await claimEmail(ctx, { email, passwordHash: null, brand }))
    if (!claimed) throw new AuthError('ticket_invalid')
    const { id } = claimed
    return issueTicket(ctx, {
      kind: 'reset-password',
      subject: id,
      accountId: id,
      lifetimeSeconds,
      from: link,
    })
  })
}
