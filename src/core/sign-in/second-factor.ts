import type { AccountRow, SessionRow, TicketRow } from '../../store/schema.ts'
import { clientRef } from '../clients/clients.ts'
import type { Context, RealmContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { type Factor, type Held, inForceBy, secretOf, useStep } from '../factors/held.ts'
import { callerKey } from '../limits/account-limits.ts'
import { limits } from '../limits/limits.ts'
import { issueTicket } from '../recovery/tickets.ts'
import type { FirstProof } from '../sessions/proof-of-person.ts'
import type { Caller } from '../sessions/sessions.ts'
import { authenticatorCode, stepOf, withoutBlanks } from './authenticator.ts'
import { useRecoveryCode } from './recovery-codes.ts'

const challengeLifetimeSeconds = 15 * 60

/** Whether sign-in asks this account for more than the password. */
export async function hasSecondFactor(ctx: RealmContext, accountId: string): Promise<boolean> {
  const totp = await ctx.store.totp.byAccount(accountId)
  return totp !== undefined && totp.confirmed_at !== null
}

/** Whether an account has a second factor in force that this session, if any, has not shown since. */
export async function needsSecondFactor(
  ctx: RealmContext,
  accountId: string,
  session?: Pick<SessionRow, 'second_factor_at'>,
): Promise<boolean> {
  const totp = await ctx.store.totp.byAccount(accountId)
  if (!totp || totp.confirmed_at === null) return false
  return (session?.second_factor_at ?? 0) < totp.confirmed_at
}

/**
 * Guards what a caller may do. Throws `second_factor_needed` where the account has a second factor in force that their
 * session has not shown. One that comes into force later ends their session.
 */
export async function requireShownFactor(ctx: RealmContext, { account, session }: Caller): Promise<void> {
  if (await needsSecondFactor(ctx, account.id, session)) throw new AuthError('second_factor_needed')
}

/**
 * Uses a code up, of an authenticator or of the unused recovery codes (the owner is notified then), and returns which it
 * was; `undefined` when it is wrong. Blanks are ignored, as apps show `123 456`. Throws `rate_limited` after too many
 * wrong ones: then recovery codes, which nobody can guess, are accepted again first.
 */
export async function useCode(
  ctx: Context,
  accountId: string,
  code: string,
): Promise<'authenticator' | 'recovery_code' | undefined> {
  return useCodeOf(ctx, accountId, { code, isAsked: () => true })
}

/** Uses a code up as `useCode` does, where a code of an authenticator must be of one that is asked for. */
export async function useCodeOf(
  ctx: Context,
  accountId: string,
  { code, isAsked }: { code: string; isAsked(factor: Factor): boolean },
): Promise<'authenticator' | 'recovery_code' | undefined> {
  const typed = withoutBlanks(code)
  const kind = authenticatorCode.test(typed) ? 'authenticator' : 'recovery_code'
  const isRight = await countCode(ctx, accountId, (held, limitKey) =>
    kind === 'authenticator'
      ? useAnyOf(ctx, held.filter(isAsked), { code: typed, limitKey })
      : useRecoveryCode(ctx, accountId, typed),
  )
  return isRight ? kind : undefined
}

/**
 * Uses a code of an authenticator up; `false` when it is wrong. A recovery code is wrong, too, and stays as it is. Throws
 * as `useCode` does.
 */
export function useAuthenticator(ctx: Context, accountId: string, code: string): Promise<boolean> {
  const typed = withoutBlanks(code)
  return countCode(
    ctx,
    accountId,
    async (held, limitKey) =>
      authenticatorCode.test(typed) && (await useAnyOf(ctx, held, { code: typed, limitKey })),
  )
}

/** Counts a code before `use` judges it, where the account asks for one, and uncounts what was before a right one. */
async function countCode(
  ctx: Context,
  accountId: string,
  use: (held: Held[], limitKey: string) => Promise<boolean>,
): Promise<boolean> {
  const limitKey = await callerKey(ctx, accountId)
  await ctx.limiter.consume(limits.secondFactorPerAccount, limitKey)
  const held = await inForceBy(ctx, accountId)
  if (held.length === 0 || !(await use(held, limitKey))) return false
  await resetCodeLimits(ctx, [accountId, limitKey])
  return true
}

async function resetCodeLimits({ limiter }: Context, keys: string[]): Promise<void> {
  const rules = [limits.secondFactorPerAccount, limits.authenticatorPerAccount]
  await Promise.all(rules.flatMap((rule) => keys.map((key) => limiter.reset(rule, key))))
}

async function useAnyOf(
  ctx: Context,
  held: Held[],
  { code, limitKey }: { code: string; limitKey: string },
): Promise<boolean> {
  await ctx.limiter.consume(limits.authenticatorPerAccount, limitKey)
  for (const each of held) {
    const step = stepOf(ctx, secretOf(ctx, each), code)
    if (step !== undefined && (await useStep(ctx, each, step))) return true
  }
  return false
}

/**
 * The token for an account whose person has shown the first proof and is to show a code: valid for 15 minutes at this
 * door.
 */
export function issueChallenge(
  ctx: Context,
  accountId: string,
  first: FirstProof = { first: 'password' },
): Promise<string> {
  return issueTicket(ctx, {
    kind: 'second-factor',
    subject: ctx.newId(),
    lifetimeSeconds: challengeLifetimeSeconds,
    accountId,
    payload: first,
    from: clientRef(ctx),
  })
}

/** What was shown before a challenge; `undefined` when it was a password, and the account has none any more. */
export function shownBefore({ payload }: TicketRow, account: AccountRow): FirstProof | undefined {
  const first: FirstProof = { first: 'password', ...JSON.parse(payload) }
  return first.first === 'password' && account.password_hash === null ? undefined : first
}
