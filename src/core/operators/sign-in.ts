import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server'
import type { AccountRow } from '../../store/schema.ts'
import { foldEmail, readEmail } from '../accounts/emails.ts'
import { recordRefusal } from '../audit/audit.ts'
import { clientRef } from '../clients/clients.ts'
import type { Context } from '../context.ts'
import { AuthError } from '../errors.ts'
import { unasked } from '../hooks/permit.ts'
import { callerKey } from '../limits/account-limits.ts'
import { limits } from '../limits/limits.ts'
import { optionsForSignIn, signInByPasskey } from '../passkeys/sign-in.ts'
import { consumeTicket, findTicket, issueTicket } from '../recovery/tickets.ts'
import { noteSignIn } from '../sessions/open-session.ts'
import { createSession } from '../sessions/sessions.ts'
import { issueRefreshToken } from '../sessions/tokens.ts'
import { useRecoveryCode } from '../sign-in/recovery-codes.ts'
import { readRole } from './capabilities.ts'
import { inviteOperator } from './invitations.ts'

/** How long a page that asks for a passkey may stay open. */
export const loginLifetimeSeconds = 10 * 60

/** The login that a browser has begun, or a new one: what it keeps of it. Throws `rate_limited`. */
export async function operatorLogin(ctx: Context, kept: string | undefined): Promise<string> {
  const known = kept === undefined ? undefined : await findTicket(ctx, 'operator-login', kept)
  if (kept !== undefined && known?.consumed_at === null) return kept
  await ctx.limiter.consume(limits.loginsPerIp, ctx.origin.ip)
  return issueTicket(ctx, {
    kind: 'operator-login',
    subject: ctx.newId(),
    lifetimeSeconds: loginLifetimeSeconds,
    from: clientRef(ctx),
  })
}

/** What a page asks an operator for a passkey with. `undefined` where passkeys cannot be used: at an IP address. */
export function optionsForOperator(
  ctx: Context,
  login: string,
): PublicKeyCredentialRequestOptionsJSON | undefined {
  return optionsForSignIn(ctx, login)
}

/**
 * Signs an operator in with a passkey that has seen its owner, once for each login, and returns what the browser is to
 * keep of its session. Throws `passkey_invalid`, `challenge_invalid`, `rate_limited`.
 */
export function signInOperator(
  ctx: Context,
  { login, answer }: { login: string; answer: string },
): Promise<string> {
  return signInByPasskey(ctx, { shown: login, answer }, async (ctx, account) => {
    if (!(await consumeTicket(ctx, 'operator-login', login))) throw new AuthError('challenge_invalid')
    if (!(await ctx.store.operators.byAccount(account.id))) throw new AuthError('passkey_invalid')
    return beginOperatorSession(ctx, account)
  })
}

/** Opens the session of an operator's browser, and returns what that is to keep. Part of a transaction. */
export async function beginOperatorSession(ctx: Context, account: AccountRow): Promise<string> {
  const proof = { first: 'passkey', second: { kind: 'passkey', at: ctx.now() }, permit: unasked } as const
  const session = await createSession(ctx, account.id, proof)
  await noteSignIn(ctx, session, proof)
  return issueRefreshToken(ctx, session)
}

/**
 * Uses up a recovery code of an operator whose passkeys are lost, and returns the secret of an invitation with which they
 * make a new one: a code alone opens nothing else. Throws `credentials_invalid` for any other name or code,
 * `rate_limited`.
 */
export async function recoverOperator(
  ctx: Context,
  { email: typed, code }: { email: string; code: string },
): Promise<string> {
  const refuse = async (accountId?: string): Promise<never> => {
    await recordRefusal(ctx, 'sign_in', { ...(accountId && { accountId }), detail: 'recovery_code' })
    throw new AuthError('credentials_invalid')
  }
  await ctx.limiter.consume(limits.passkeysPerIp, ctx.origin.ip)
  if (readEmail(typed) === undefined) return refuse()
  const email = foldEmail(typed)
  const account = await ctx.store.accounts.byEmail(email)
  const row = account && (await ctx.store.operators.byAccount(account.id))
  const operator = row?.disabled_at === null ? row : undefined
  // What nobody is called is counted, too: that it was enough would say who runs this server.
  const key = operator ? await callerKey(ctx, operator.account_id) : email
  await ctx.limiter.consume(limits.secondFactorPerAccount, key)
  if (!operator) return refuse()
  const { account_id: accountId } = operator
  if (!(await useRecoveryCode(ctx, accountId, code))) return refuse(accountId)
  const realms: string[] | undefined = operator.realms === null ? undefined : JSON.parse(operator.realms)
  const role = readRole(operator.role) ?? 'auditor'
  return inviteOperator({ ...ctx, actor: `operator:${accountId}` }, { email, role, realms })
}
