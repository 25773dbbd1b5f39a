import { Secret, TOTP } from 'otpauth'
import type { SessionRow, TotpRow } from '../store/schema.ts'
import { callerKey } from './account-limits.ts'
import { type AuditEvent, recordEvent } from './audit.ts'
import { type Context, type RealmContext, transaction } from './context.ts'
import { AuthError } from './errors.ts'
import { limits } from './limits.ts'
import { nonceBytes } from './master-key.ts'
import { randomText } from './random-text.ts'
import { followChange, noteRecoveryCode } from './second-factor-changes.ts'
import { asCaller, type Caller } from './sessions.ts'
import { issueTicket } from './tickets.ts'

const period = 30
/** How many time steps a clock may be off, in either direction. */
const window = 1
const authenticatorCode = /^\d{6}$/
const secretBytes = 20

const recoveryCodeCount = 10
const recoveryCodeLength = 12
/** Without the letters and digits that are read for one another. */
const recoveryAlphabet = 'abcdefghjkmnpqrstuvwxyz23456789'

const challengeLifetime = 15 * 60

/** In milliseconds: how long a sign-in counts as recent. */
const recentSignIn = 10 * 60_000

/** What can be shown as a second factor. */
export type SecondFactor = 'authenticator' | 'recovery_code'

/** One that was shown, and when, in epoch milliseconds. */
export interface ShownFactor {
  kind: SecondFactor
  at: number
}

export interface Enrolment {
  /** Base32. */
  secret: string
  /** `otpauth://…`, for a QR code. */
  uri: string
  recoveryCodes: string[]
}

/** Whether sign-in asks this account for more than the password. */
export async function hasSecondFactor(ctx: RealmContext, accountId: string): Promise<boolean> {
  const totp = await ctx.store.totp.byAccount(accountId)
  return totp !== undefined && totp.confirmed_at !== null
}

/**
 * Whether an account has a second factor in force that this session has not shown since. A session that began before
 * there was one has not, nor has somebody without a session.
 */
export async function needsSecondFactor(
  ctx: RealmContext,
  accountId: string,
  session?: SessionRow,
): Promise<boolean> {
  const totp = await ctx.store.totp.byAccount(accountId)
  if (!totp || totp.confirmed_at === null) return false
  return (session?.second_factor_at ?? 0) < totp.confirmed_at
}

/** Throws `recent_sign_in_needed` where the door asks for one and the caller's session began too long ago. */
function checkRecentSignIn(ctx: Context, { session }: Caller): void {
  const isOld = ctx.now() - session.created_at > recentSignIn
  if (isOld && ctx.door.secondFactorNeedsRecentSignIn) throw new AuthError('recent_sign_in_needed')
}

/**
 * Makes an authenticator secret and recovery codes, shown this once. They count for nothing until a code confirms
 * them. Throws `second_factor_enabled` while the account has a confirmed one, `recent_sign_in_needed`, `rate_limited`,
 * and `access_invalid` when the caller's session has ended meanwhile.
 */
export async function enrolSecondFactor(ctx: Context, caller: Caller): Promise<Enrolment> {
  checkRecentSignIn(ctx, caller)
  const { id, email, username } = caller.account
  await ctx.limiter.take(limits.enrolmentAccount, id)
  const secret = new Secret({ buffer: new Uint8Array(ctx.randomBytes(secretBytes)).buffer })
  const codes = Array.from({ length: recoveryCodeCount }, () =>
    randomText(ctx, recoveryAlphabet, recoveryCodeLength),
  )
  const sealed = ctx.secrets.seal(secret.base32, totpContext(id), ctx.randomBytes(nonceBytes))
  await asCaller(ctx, caller, async (ctx) => {
    const pending = await ctx.store.totp.enrol(id, sealed, ctx.now())
    if (!pending) throw new AuthError('second_factor_enabled')
    const hashes = codes.map((code) => hashRecoveryCode(ctx, id, code))
    await ctx.store.recoveryCodes.replace(id, { hashes, keyId: ctx.secrets.primaryId }, ctx.now())
    await recordEvent(ctx, 'second_factor.enrolled', { outcome: 'success', accountId: id })
  })
  const label = username ?? email ?? id
  return {
    secret: secret.base32,
    uri: authenticator(secret.base32, ctx.client.brand.name, label).toString(),
    recoveryCodes: codes,
  }
}

/**
 * Puts a pending secret into force with a code of it, ends the other sessions of the account and tells its owner; the
 * caller's session has shown it. Throws `second_factor_not_pending`, `second_factor_code_invalid`,
 * `recent_sign_in_needed`, `rate_limited`, and `access_invalid` when the caller's session has ended meanwhile.
 */
export async function confirmSecondFactor(ctx: Context, caller: Caller, code: string): Promise<void> {
  checkRecentSignIn(ctx, caller)
  const { id } = caller.account
  const totp = await ctx.store.totp.byAccount(id)
  if (!totp || totp.confirmed_at !== null) throw new AuthError('second_factor_not_pending')
  await ctx.limiter.take(limits.secondFactorAccount, id)
  const step = stepOf(ctx, totp.secret_sealed, id, withoutBlanks(code))
  if (step === undefined) return refuseCode(ctx, 'second_factor.enabled', id)
  await asCaller(ctx, caller, async (ctx) => {
    const confirmed = await confirmSecret(ctx, totp, step)
    if (!confirmed) throw new AuthError('second_factor_not_pending')
    await ctx.store.sessions.noteSecondFactor(caller.session.id, ctx.now())
    await recordEvent(ctx, 'second_factor.enabled', { outcome: 'success', accountId: id })
    await followChange(ctx, caller, 'second-factor-set-mail')
  })
  await ctx.limiter.forgive(limits.secondFactorAccount, id)
}

/** Puts that pending secret into force, also when it was sealed anew meanwhile; `undefined` when it is another now. */
async function confirmSecret(ctx: Context, read: TotpRow, step: number): Promise<TotpRow | undefined> {
  const { account_id: id, secret_sealed: secretSealed } = read
  const confirmed = await ctx.store.totp.confirm(id, { secretSealed, step }, ctx.now())
  if (confirmed) return confirmed
  const found = await ctx.store.totp.byAccount(id)
  if (!found || found.secret_sealed === secretSealed || secretOf(ctx, found) !== secretOf(ctx, read))
    return undefined
  return ctx.store.totp.confirm(id, { secretSealed: found.secret_sealed, step }, ctx.now())
}

function secretOf({ secrets }: Context, { account_id: id, secret_sealed: sealed }: TotpRow): string {
  return secrets.unseal(sealed, totpContext(id))
}

/**
 * Removes the second factor, voids the sign-ins that wait for it, ends the other sessions of the account and tells its
 * owner. Throws `second_factor_not_pending` where there is none, and as confirming does.
 */
export async function disableSecondFactor(ctx: Context, caller: Caller, code: string): Promise<void> {
  checkRecentSignIn(ctx, caller)
  const { id } = caller.account
  if (!(await hasSecondFactor(ctx, id))) throw new AuthError('second_factor_not_pending')
  if (!(await useCode(ctx, id, code))) return refuseCode(ctx, 'second_factor.disabled', id)
  await asCaller(ctx, caller, async (ctx) => {
    await removeFactor(ctx, id)
    await recordEvent(ctx, 'second_factor.disabled', { outcome: 'success', accountId: id })
    await followChange(ctx, caller, 'second-factor-removed-mail')
  })
}

/** Leaves an account without a second factor, pending or in force. Part of a transaction that holds its row. */
export async function removeFactor({ store }: RealmContext, accountId: string): Promise<void> {
  await store.totp.remove(accountId)
  await store.recoveryCodes.removeAll(accountId)
}

async function refuseCode(ctx: Context, event: AuditEvent, accountId: string): Promise<never> {
  await recordEvent(ctx, event, { outcome: 'refused', accountId, detail: 'code' })
  throw new AuthError('second_factor_code_invalid')
}

/**
 * What it is a code of: the authenticator, if its time step is new, or the unused recovery codes, of which a used one
 * is told to the owner; `undefined` when it is wrong. A right one is used up. Blanks do not count, as apps show
 * `123 456`. Throws `rate_limited` after too many wrong ones: then recovery codes, which nobody can guess, are good
 * again first.
 */
export async function useCode(
  ctx: Context,
  accountId: string,
  code: string,
): Promise<SecondFactor | undefined> {
  const limitKey = await callerKey(ctx, accountId)
  await ctx.limiter.take(limits.secondFactorAccount, limitKey)
  const totp = await ctx.store.totp.byAccount(accountId)
  if (!totp || totp.confirmed_at === null) return undefined
  const typed = withoutBlanks(code)
  const kind = authenticatorCode.test(typed) ? 'authenticator' : 'recovery_code'
  const isRight =
    kind === 'authenticator'
      ? await useTotp(ctx, totp, { code: typed, limitKey })
      : await useRecoveryCode(ctx, accountId, typed)
  if (!isRight) return undefined
  await forgiveWrongCodes(ctx, [accountId, limitKey])
  return kind
}

async function forgiveWrongCodes({ limiter }: Context, keys: string[]): Promise<void> {
  const rules = [limits.secondFactorAccount, limits.authenticatorAccount]
  await Promise.all(rules.flatMap((rule) => keys.map((key) => limiter.forgive(rule, key))))
}

async function useTotp(
  ctx: Context,
  totp: TotpRow,
  { code, limitKey }: { code: string; limitKey: string },
): Promise<boolean> {
  const { account_id: accountId } = totp
  await ctx.limiter.take(limits.authenticatorAccount, limitKey)
  const step = stepOf(ctx, totp.secret_sealed, accountId, code)
  return step !== undefined && (await ctx.store.totp.useStep(accountId, step)) !== undefined
}

function useRecoveryCode(ctx: Context, accountId: string, code: string): Promise<boolean> {
  const written = code.toLowerCase().replaceAll('-', '')
  const hashes = ctx.secrets.macs('recovery-code', recoveryCodeMessage(accountId, written)).map(asText)
  return transaction(ctx, async (ctx) => {
    const used = await ctx.store.recoveryCodes.consume(accountId, hashes, ctx.now())
    if (used) await noteRecoveryCode(ctx, accountId)
    return used !== undefined
  })
}

/**
 * Lets an account that has shown its password go on with a code: returns a token of 64 letters and digits, good for
 * 15 minutes at this door.
 */
export function issueChallenge(ctx: Context, accountId: string): Promise<string> {
  return issueTicket(ctx, {
    kind: 'second-factor',
    subject: ctx.newId(),
    lifetime: challengeLifetime,
    account_id: accountId,
    client_id: ctx.client.id,
    dialect: ctx.door.dialect,
  })
}

/** The time step that a code belongs to, if it is right now or was one step ago or will be the next. */
function stepOf(ctx: RealmContext, sealed: string, accountId: string, code: string): number | undefined {
  // The library throws for other text of the same length.
  if (!authenticatorCode.test(code)) return undefined
  const secret = ctx.secrets.unseal(sealed, totpContext(accountId))
  const timestamp = ctx.now()
  const delta = authenticator(secret, '', '').validate({ token: code, timestamp, window })
  return delta === null ? undefined : Math.floor(timestamp / 1000 / period) + delta
}

/** RFC 6238 with what every authenticator app assumes: SHA-1, six digits, 30 seconds. */
function authenticator(secret: string, issuer: string, label: string): TOTP {
  return new TOTP({ issuer, label, algorithm: 'SHA1', digits: 6, period, secret: Secret.fromBase32(secret) })
}

function withoutBlanks(code: string): string {
  return code.replaceAll(/\s/g, '')
}

/** What the authenticator secret of an account is sealed for. */
export function totpContext(accountId: string): string {
  return `totp ${accountId}`
}

function hashRecoveryCode(ctx: RealmContext, accountId: string, code: string): string {
  return asText(ctx.secrets.mac('recovery-code', recoveryCodeMessage(accountId, code)))
}

function recoveryCodeMessage(accountId: string, code: string): string {
  return `${accountId}\0${code}`
}

function asText(mac: Buffer): string {
  return mac.toString('base64url')
}
