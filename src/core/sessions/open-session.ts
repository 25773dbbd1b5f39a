import type { AccountRow, SessionRow } from '../../store/schema.ts'
import { recordEvent, recordRefusal } from '../audit/audit.ts'
import { type Context, stopClock, transaction } from '../context.ts'
import { AuthError } from '../errors.ts'
import type { Factor } from '../factors/held.ts'
import { permitSignIn } from '../hooks/before-sign-in.ts'
import { unasked } from '../hooks/permit.ts'
import { hasSecondFactor } from '../sign-in/second-factor.ts'
import { noteNewDevice } from './new-devices.ts'
import { personClaims } from './person-claims.ts'
import type { Proof } from './proof-of-person.ts'
import { createSession } from './sessions.ts'
import { issueTokens, type Tokens } from './tokens.ts'

export interface SignedIn {
  isComplete: true
  account: AccountRow
  session: SessionRow
  /** Those of the account, where the door's access tokens say whether one is still to be shown. */
  factors?: Factor[]
  tokens: Tokens
}

/** What a sign-in is for, such as `openSession`; runs in a transaction that holds the account's row. */
export type OnAuthenticated<T> = (ctx: Context, account: AccountRow, proof: Proof) => Promise<T>

/** Opens a session for an account that is authenticated; part of a transaction that holds its row. */
export async function openSession(ctx: Context, account: AccountRow, proof: Proof): Promise<SignedIn> {
  const session = await createSession(ctx, account.id, proof)
  await noteNewDevice(ctx, account, session, proof.first)
  await noteSignIn(ctx, session, proof)
  const { claims, factors } = await personClaims(ctx, session, account)
  return { isComplete: true, account, session, factors, tokens: issueTokens(ctx, session, claims) }
}

/** Keeps in the audit trail that somebody has signed in to a session, and by what. */
export async function noteSignIn(ctx: Context, session: SessionRow, proof: Proof): Promise<void> {
  const { first, second, trustedDeviceId } = proof
  const shown = second?.kind ?? (trustedDeviceId === undefined ? undefined : 'trusted_device')
  const detail = shown ? `${first}+${shown}` : first
  await recordEvent(ctx, 'sign_in', { accountId: session.account_id, sessionId: session.id, detail })
}

/**
 * Opens the first session of an account. Throws `credentials_invalid` when its password was changed meanwhile, and what a
 * hook refuses with: the account is there then, and nobody is signed in.
 */
export function signInNewAccount(ctx: Context, account: AccountRow): Promise<SignedIn> {
  return openOnPermit(ctx, account, 'sign_up')
}

/**
 * Opens a session for whoever has just set a new password: as `onReset` of a reset, so that both happen or neither, unless a
 * hook is to be asked first, which has no place in a transaction. `undefined` where the account has a second factor: recovery
 * does not replace it (ASVS 6.4.3). Throws `credentials_invalid` when the password is another or none, and what the hook
 * refuses with: the password is set all the same.
 */
export async function signInAfterReset(ctx: Context, account: AccountRow): Promise<SignedIn | undefined> {
  const { id: accountId } = account
  const first = 'password_reset'
  if (await hasSecondFactor(ctx, accountId)) {
    await recordRefusal(ctx, 'sign_in', { accountId, detail: 'second_factor_needed' })
    return undefined
  }
  if (!ctx.hooks.beforeSignIn) return openForOwner(ctx, account, { first, permit: unasked })
  return openOnPermit(ctx, account, first)
}

async function openOnPermit(ctx: Context, owner: AccountRow, first: Proof['first']): Promise<SignedIn> {
  const permit = await permitSignIn(ctx, owner, { first })
  return transaction(stopClock(ctx), (ctx) => openForOwner(ctx, owner, { first, permit }))
}

/** Part of a transaction. */
async function openForOwner(ctx: Context, owner: AccountRow, proof: Proof): Promise<SignedIn> {
  const account = await ctx.store.accounts.recordSignIn(owner, ctx.now())
  if (!account) throw new AuthError('credentials_invalid')
  return openSession(ctx, account, proof)
}
