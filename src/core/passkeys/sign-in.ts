import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server'
import { readBase64url } from '../../lib/base64url.ts'
import type { AccountRow } from '../../store/schema.ts'
import { recordRefusal } from '../audit/audit.ts'
import { type Context, type RealmContext, stopClock, transaction } from '../context.ts'
import { AuthError } from '../errors.ts'
import { permitSignIn } from '../hooks/before-sign-in.ts'
import { attemptTicket, consumeTicket, findTicket } from '../recovery/tickets.ts'
import type { OnAuthenticated } from '../sessions/open-session.ts'
import type { Proof } from '../sessions/proof-of-person.ts'
import { hasSecondFactor, shownBefore } from '../sign-in/second-factor.ts'
import {
  isOfThisDoor,
  maxAttempts,
  recordSignIn,
  refuseTicket,
  refuseUnverified,
} from '../sign-in/sign-in.ts'
import { type Assertion, checkAssertion, passkeySettings, requestOptions } from './assertions.ts'
import { goodPasskeysOf } from './list.ts'
import { notePasskeyUse } from './use.ts'

/**
 * What a page asks for any passkey with, before anybody has said who they are. Nothing is written: the challenge is made
 * of the secret that the browser keeps of its login, and ends with that. `undefined` where the realm has no passkeys.
 */
export function optionsForSignIn(
  ctx: RealmContext,
  secret: string,
): PublicKeyCredentialRequestOptionsJSON | undefined {
  if (!ctx.realm.passkeys) return undefined
  const { userVerification } = ctx.realm.passkeys
  return requestOptions(ctx, { challenge: challengeOf(ctx, secret), userVerification })
}

/**
 * What a page asks for a passkey with that stands for the code: of the account that has shown its password, known by the
 * challenge of the second factor. `undefined` where it has none.
 */
export async function optionsForSecondFactor(
  ctx: RealmContext,
  challenge: string,
): Promise<PublicKeyCredentialRequestOptionsJSON | undefined> {
  if (!ctx.realm.passkeys) return undefined
  const ticket = await findTicket(ctx, 'second-factor', challenge)
  if (!ticket?.account_id || ticket.consumed_at !== null) return undefined
  const known = await goodPasskeysOf(ctx, ticket.account_id)
  if (known.length === 0) return undefined
  return requestOptions(ctx, { challenge: challengeOf(ctx, challenge), userVerification: 'preferred', known })
}

/**
 * Signs in whoever has a passkey, to whatever it is for. `shown` is what the challenge was made of. A passkey whose
 * authenticator has seen its owner is both factors. Throws `passkey_invalid`, also for one of a disabled account and for
 * one factor where the account asks for two; `email_unverified` where the door wants it; `rate_limited`; what a hook
 * refuses with.
 */
export async function signInByPasskey<T>(
  ctx: Context,
  { shown, answer }: { shown: string; answer: string },
  onAuthenticated: OnAuthenticated<T>,
): Promise<T> {
  const assertion = await checkAssertion(ctx, {
    answer,
    expected: (challenge) => isChallengeOf(ctx, shown, challenge),
    requiresVerification: passkeySettings(ctx).userVerification === 'required',
  })
  const account = await ownerOf(ctx, assertion)
  await refuseUnverified(ctx, account)
  const { isVerified } = assertion
  if (!isVerified && (await hasSecondFactor(ctx, account.id))) throw new AuthError('passkey_invalid')
  const proof: Omit<Proof, 'permit'> = {
    first: 'passkey',
    ...(isVerified && { second: { kind: 'passkey', at: ctx.now() } }),
  }
  const permit = await permitSignIn(ctx, account, proof)
  return finishByPasskey(ctx, { account, assertion }, (ctx, account) =>
    onAuthenticated(ctx, account, { ...proof, permit }),
  )
}

/**
 * Finishes a sign-in after the password with a passkey of the account, in place of a code. Throws `challenge_invalid` as
 * `answerChallenge` does, `passkey_invalid`, `rate_limited`, what a hook refuses with.
 */
export async function answerByPasskey<T>(
  ctx: Context,
  { challenge, answer }: { challenge: string; answer: string },
  onAuthenticated: OnAuthenticated<T>,
): Promise<T> {
  const ticket = await attemptTicket(ctx, 'second-factor', challenge, maxAttempts)
  if (!ticket?.account_id || !isOfThisDoor(ctx, ticket)) return refuseTicket(ctx)
  const assertion = await checkAssertion(ctx, {
    answer,
    expected: (signed) => isChallengeOf(ctx, challenge, signed),
    requiresVerification: false,
  })
  const account = await ownerOf(ctx, assertion)
  if (account.id !== ticket.account_id) throw new AuthError('passkey_invalid')
  const first = shownBefore(ticket, account)
  if (!first) throw new AuthError('challenge_invalid')
  const second: Proof['second'] = { kind: 'passkey', at: ctx.now() }
  const permit = await permitSignIn(ctx, account, { ...first, second })
  return finishByPasskey(ctx, { account, assertion }, async (ctx, account) => {
    if (!(await consumeTicket(ctx, 'second-factor', challenge))) throw new AuthError('challenge_invalid')
    return onAuthenticated(ctx, account, { ...first, second, permit })
  })
}

/** Takes no longer for a disabled account, and says no more: who has its passkey may be a thief. */
async function ownerOf(ctx: Context, { passkey }: Assertion): Promise<AccountRow> {
  const account = await ctx.store.accounts.byId(passkey.account_id)
  if (account?.disabled_at === null) return account
  await recordRefusal(ctx, 'sign_in', { accountId: passkey.account_id, detail: 'passkey' })
  throw new AuthError('passkey_invalid')
}

async function finishByPasskey<T>(
  ctx: Context,
  { account: known, assertion }: { account: AccountRow; assertion: Assertion },
  next: (ctx: Context, account: AccountRow) => Promise<T>,
): Promise<T> {
  const finished = await transaction(stopClock(ctx), async (ctx) => {
    // The account's row before the passkey's, as removing one takes them.
    await ctx.store.accounts.lock(known.id)
    // What tells of a copy is kept, so it is not thrown here.
    if (!(await notePasskeyUse(ctx, assertion))) return undefined
    const account = await recordSignIn(ctx, known)
    if (!account) throw new AuthError('passkey_invalid')
    return { result: await next(ctx, account) }
  })
  if (!finished) throw new AuthError('passkey_invalid')
  return finished.result
}

function challengeOf({ secrets }: Pick<RealmContext, 'secrets'>, shown: string): string {
  return secrets.mac('passkey', shown).toString('base64url')
}

function isChallengeOf(
  { secrets }: Pick<RealmContext, 'secrets'>,
  shown: string,
  challenge: string,
): boolean {
  const mac = readBase64url(challenge)
  return mac !== undefined && secrets.verifyMac('passkey', shown, mac) !== undefined
}
