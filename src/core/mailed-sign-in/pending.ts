import type { RealmContext } from '../context.ts'
import { changeOf, halves, kindOf } from '../mailed-email-change/halves.ts'
import type { TicketKind } from '../recovery/tickets.ts'

/** When the mails of an account were asked for whose links are good, in epoch milliseconds. */
interface PendingMails {
  /** Of the newest that confirms the account: of its sign-up, or of an invitation. */
  confirmation?: number
  /** Of the newest by which a password may be set anew. */
  recovery?: number
  /** Of the newest about another address, and that address. */
  change?: { email: string; askedAt: number }
}

const confirming: TicketKind[] = ['confirm-sign-up', 'invitation']
const recovering: TicketKind[] = ['reset-password']
const changing = halves.map(kindOf)

/** Which mails an account has still to answer, in one look-up; what is used, void or expired is not among them. */
export async function pendingMails(ctx: RealmContext, accountId: string): Promise<PendingMails> {
  const all = [...confirming, ...recovering, ...changing]
  const live = await ctx.store.tickets.listLive(accountId, all, ctx.now())
  const newestOf = (kinds: string[]) => live.findLast(({ kind }) => kinds.includes(kind))
  const change = newestOf(changing)
  return {
    confirmation: newestOf(confirming)?.created_at,
    recovery: newestOf(recovering)?.created_at,
    change: change && { email: changeOf(change).email, askedAt: change.created_at },
  }
}
