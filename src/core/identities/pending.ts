import type { AccountRow, TicketRow } from '../../store/schema.ts'
import type { ClientRef } from '../clients/client.ts'
import type { Context, RealmContext } from '../context.ts'
import { issueTicket } from '../recovery/tickets.ts'
import type { Proof } from '../sessions/proof-of-person.ts'
import { linkIdentity } from './links.ts'
import type { Identified, IdentityProvider } from './provider.ts'

const kind = 'identity-pending'
/** As long as the login that it is for. */
const lifetimeSeconds = 10 * 60

interface PendingPayload {
  provider: string
  subject: string
  /** Proven by the provider. */
  email: string
  name?: string
}

/** An identity that has been proven in a login, and that no account has. */
export interface PendingIdentity extends Omit<PendingPayload, 'provider'> {
  provider: IdentityProvider
  /** The account that has the address, and that is to be proven, too. */
  accountId: string | null
  ticket: TicketRow
}

/** Keeps an identity for the rest of a login: for that account, once its person has shown that it is theirs, or a new one. */
export async function keepPending(
  ctx: Context,
  login: { id: string } & ClientRef,
  { provider, identity, email, accountId }: Identified & { email: string; accountId: string | undefined },
): Promise<void> {
  const { subject, name } = identity
  const payload: PendingPayload = {
    provider: provider.id,
    subject,
    email,
    ...(name !== undefined && { name }),
  }
  const { dialect, clientId } = login
  await issueTicket(ctx, {
    kind,
    subject: login.id,
    ...(accountId !== undefined && { accountId }),
    lifetimeSeconds,
    payload,
    from: { dialect, clientId },
  })
}

/** What was kept for a login, unless it has been used. */
export async function findPending(ctx: RealmContext, loginId: string): Promise<PendingIdentity | undefined> {
  // Most realms have no provider, and every sign-in of a page comes by here.
  if (ctx.identityProviders.size === 0) return undefined
  const ticket = await ctx.store.tickets.liveOf(kind, loginId, ctx.now())
  if (!ticket) return undefined
  const { provider: id, ...payload }: PendingPayload = JSON.parse(ticket.payload)
  const provider = ctx.identityProviders.get(id)
  return provider && { ...payload, provider, accountId: ticket.account_id, ticket }
}

/** Uses up what was kept for a login; of any number of callers one gets it. */
export async function consumePending(ctx: RealmContext, { ticket }: PendingIdentity): Promise<boolean> {
  return (await ctx.store.tickets.consume(kind, ticket.hash, ctx.now())) !== undefined
}

/**
 * Connects the identity that was kept for a login to the account that has signed in there: where it is the one that has the
 * same address, proven on both sides, and its person has shown its password or a passkey. Part of a transaction that holds
 * the account's row.
 */
export async function connectPending(
  ctx: Context,
  loginId: string,
  { account, proof }: { account: AccountRow; proof: Proof },
): Promise<void> {
  if (proof.first !== 'password' && proof.first !== 'passkey') return
  const pending = await findPending(ctx, loginId)
  const isOwn = pending?.accountId === account.id && account.email === pending.email
  if (!isOwn || account.email_verified_at === null) return
  if (!(await consumePending(ctx, pending))) return
  // Where another account has it by now, this one goes without.
  await linkIdentity(ctx, account.id, pending)
}
