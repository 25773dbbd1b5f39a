import { foldEmail } from '../accounts/emails.ts'
import { noticeOf } from '../accounts/notify-owner.ts'
import { recordEvent } from '../audit/audit.ts'
import { realmBrand } from '../clients/clients.ts'
import { type AnyContext, type RealmContext, stopClock, transaction } from '../context.ts'
import { addJob } from '../jobs.ts'
import { findTicket, issueTicket } from '../recovery/tickets.ts'
import type { Role } from './capabilities.ts'
import { operatorDoor } from './operator-door.ts'
import { OperatorError } from './operator-error.ts'

/** How long an invitation is good. */
export const invitationLifetimeSeconds = 30 * 60

/** Who is invited, and as what. */
export interface InvitedOperator {
  email: string
  role: Role
  /** The realms that they are held to; `undefined` for all. */
  realms?: string[] | undefined
}

/** An invitation that is good. */
export interface Invitation extends InvitedOperator {
  /** The account that the operator has, or is to have. */
  accountId: string
  /** What they are called, where they are an operator already, who has lost their passkeys. */
  name?: string
  /** As in the audit trail. */
  invitedBy?: string
}

/**
 * Invites somebody to run this server, or an operator to make a new passkey, and returns the secret of the link, which is
 * good once within 30 minutes; a newer one for the same address makes it void. Throws `refused` for an operator who is
 * shut out, or has another role or other realms.
 */
export function inviteOperator(ctx: AnyContext, invited: InvitedOperator): Promise<string> {
  const email = foldEmail(invited.email)
  return transaction(stopClock(ctx), async (ctx) => {
    const account = await ctx.store.accounts.byEmail(email)
    const known = account && (await ctx.store.operators.byAccount(account.id))
    if (known && known.role !== invited.role)
      throw new OperatorError('refused', 'operator_has_role', { role: known.role })
    if (known && invited.realms !== undefined && JSON.stringify(invited.realms) !== known.realms)
      throw new OperatorError('refused', 'operator_has_realms')
    if (known?.disabled_at) throw new OperatorError('refused', 'operator_disabled')
    const invitation: Invitation = {
      ...invited,
      email,
      accountId: account?.id ?? ctx.newId(),
      ...(known && { name: known.name }),
      ...(ctx.actor !== undefined && { invitedBy: ctx.actor }),
    }
    const token = await issueTicket(ctx, {
      kind: 'operator-invitation',
      subject: email,
      lifetimeSeconds: invitationLifetimeSeconds,
      payload: invitation,
      from: { dialect: operatorDoor.dialect, clientId: null },
    })
    await tellOwners(ctx, { invited: email, role: invited.role })
    await recordEvent(ctx, 'operator.invited', {
      ...(known && { accountId: known.account_id }),
      detail: invited.role,
    })
    return token
  })
}

/** Whoever has taken over a shell or an owner's browser does not make themselves an operator unseen. */
async function tellOwners(ctx: AnyContext, values: Record<string, string>): Promise<void> {
  for (const { accountId } of await ctx.store.operators.lockOwners()) {
    const notice = noticeOf(ctx, accountId, realmBrand(ctx))
    await addJob(ctx, 'security-mail', { ...notice, notice: 'operator-invited', values })
  }
}

/** The invitation that a link is of. Throws `invitation_invalid` for one that is unknown, used, void or too old. */
export async function findInvitation(ctx: RealmContext, token: string): Promise<Invitation> {
  const ticket = await findTicket(ctx, 'operator-invitation', token)
  if (!ticket || ticket.consumed_at !== null) throw new OperatorError('invitation_invalid')
  return JSON.parse(ticket.payload)
}
