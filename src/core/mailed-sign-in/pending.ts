import type { RealmContext } from '../context.ts'
import { changeOf, halves, kindOf } from '../mailed-email-change/halves.ts'
import type { TicketKind } from '../recovery/tickets.ts'
import { kind as changingPhone, changeOf as phoneChangeOf } from '../texted-phone-change/pending.ts'

/** What was asked for of an account and is still to be answered; times are epoch milliseconds. */
interface PendingProofs {
  /** When the newest mail was asked for that confirms the account: of its sign-up, or of an invitation. */
  confirmation?: number
  /** When the newest was by which a password may be set anew. */
  recovery?: number
  /** The address that it is to have. */
  email?: { wanted: string; askedAt: number }
  /** The number that it is to have, in E.164. */
  phone?: { wanted: string; askedAt: number }
}

const confirming: TicketKind[] = ['confirm-sign-up', 'invitation']
const recovering: TicketKind[] = ['reset-password']
const changingEmail = halves.map(kindOf)

/** Which mails and texts an account has still to answer, in one look-up; what is used, void or expired is not among them. */
export async function pendingProofs(ctx: RealmContext, accountId: string): Promise<PendingProofs> {
  const all = [...confirming, ...recovering, ...changingEmail, changingPhone]
  const live = await ctx.store.tickets.listLive(accountId, all, ctx.now())
  const newestOf = (kinds: string[]) => live.findLast(({ kind }) => kinds.includes(kind))
  const email = newestOf(changingEmail)
  const phone = newestOf([changingPhone])
  return {
    confirmation: newestOf(confirming)?.created_at,
    recovery: newestOf(recovering)?.created_at,
    email: email && { wanted: changeOf(email).email, askedAt: email.created_at },
    phone: phone && { wanted: phoneChangeOf(phone).phone, askedAt: phone.created_at },
  }
}
