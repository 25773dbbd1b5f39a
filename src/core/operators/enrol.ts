import type { PublicKeyCredentialCreationOptionsJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { AccountRow } from '../../store/schema.ts'
import { notifyOwner } from '../accounts/notify-owner.ts'
import { recordEvent } from '../audit/audit.ts'
import { type Context, type RealmContext, stopClock, transaction } from '../context.ts'
import { AuthError } from '../errors.ts'
import { limits } from '../limits/limits.ts'
import { creationOptions, maxPasskeys, rowOf, verifyMade } from '../passkeys/add.ts'
import { readAnswer, transportsIn } from '../passkeys/answers.ts'
import { nameInMail } from '../passkeys/names.ts'
import { consumeTicket } from '../recovery/tickets.ts'
import { makeRecoveryCodes, replaceRecoveryCodes } from '../sign-in/recovery-codes.ts'
import { findInvitation, type Invitation } from './invitations.ts'
import { OperatorError } from './operator-error.ts'
import { beginOperatorSession } from './sign-in.ts'

/** What comes of an invitation. */
export interface Enrolled {
  /** What the browser is to keep of its session. */
  secret: string
  /** Shown this once. */
  recoveryCodes: string[]
}

/** What a page has a browser make the passkey with that an invitation asks for. Throws `invitation_invalid`. */
export async function enrolmentOptions(
  ctx: RealmContext,
  token: string,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const { accountId, email } = await findInvitation(ctx, token)
  const known = await ctx.store.passkeys.listOf(accountId)
  return creationOptions(ctx, { challenge: challengeOf(ctx, token), accountId, name: email, known })
}

/**
 * Makes an operator of whoever has an invitation and a passkey that was made for it: their account, the passkey, ten new
 * recovery codes and the session of their browser. An operator who is one already keeps other passkeys, and is mailed what
 * was changed: somebody else may have got the link. Throws `invitation_invalid`, `passkey_invalid`, `passkey_limit`,
 * `rate_limited`.
 */
export async function enrol(
  ctx: Context,
  token: string,
  { name, answer, nameless }: { name: string; answer: string; nameless: string },
): Promise<Enrolled> {
  const invitation = await findInvitation(ctx, token)
  await ctx.limiter.consume(limits.passkeysPerIp, ctx.origin.ip)
  const response = readAnswer<RegistrationResponseJSON>(answer)
  const made = await verifyMade(ctx, response, challengeOf(ctx, token))
  await ctx.limiter.refund(limits.passkeysPerIp, ctx.origin.ip)
  const recoveryCodes = makeRecoveryCodes(ctx)
  return transaction(stopClock(ctx), async (ctx) => {
    if (!(await consumeTicket(ctx, 'operator-invitation', token)))
      throw new OperatorError('invitation_invalid')
    const account = await accountFor(ctx, invitation)
    const known = await ctx.store.operators.byAccount(account.id)
    await ctx.store.operators.put({
      account_id: account.id,
      name,
      role: invitation.role,
      realms: invitation.realms ? JSON.stringify(invitation.realms) : null,
      invited_by: invitation.invitedBy ?? null,
      created_at: ctx.now(),
    })
    const passkey = rowOf(ctx, made, {
      accountId: account.id,
      nameless,
      transports: transportsIn(response),
    })
    if (await ctx.store.passkeys.byId(passkey.id)) throw new AuthError('passkey_invalid')
    if (!(await ctx.store.passkeys.add(passkey, maxPasskeys))) throw new AuthError('passkey_limit')
    await replaceRecoveryCodes(ctx, account.id, recoveryCodes)
    await ctx.store.accounts.recordSignInWithoutPassword(account, ctx.now())
    await recordEvent(ctx, 'operator.joined', { accountId: account.id, detail: invitation.role })
    if (known) {
      await notifyOwner(ctx, account.id, 'passkey-added', { passkey: nameInMail(passkey.name) })
      await notifyOwner(ctx, account.id, 'recovery-codes-replaced')
    }
    return { secret: await beginOperatorSession(ctx, account), recoveryCodes }
  })
}

/** Locks the account that is there. Part of a transaction. Throws `invitation_invalid` where it is disabled by now. */
async function accountFor(ctx: Context, { accountId, email }: Invitation): Promise<AccountRow> {
  const known = await ctx.store.accounts.lock(accountId)
  if (known?.disabled_at) throw new OperatorError('invitation_invalid')
  if (known) return known
  const account = { id: accountId, email, email_verified_at: ctx.now() }
  const created = await ctx.store.accounts.create(account, ctx.now())
  // Two invitations to one address, the older of which is void, have one account.
  if (!created) throw new OperatorError('invitation_invalid')
  return created
}

function challengeOf({ secrets }: RealmContext, token: string): string {
  return secrets.mac('passkey', `invitation ${token}`).toString('base64url')
}
