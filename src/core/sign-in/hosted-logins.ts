import type { AccountRow, SessionRow, TicketRow } from '../../store/schema.ts'
import type { Client } from '../clients/client.ts'
import { clientRef, findClient } from '../clients/clients.ts'
import type { Context, Language, RealmContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { opensBrowser, permitSignIn } from '../hooks/before-sign-in.ts'
import { unasked } from '../hooks/permit.ts'
import { connectPending } from '../identities/pending.ts'
import { nonceBytes, UnsealError } from '../keys/master-key.ts'
import { limits } from '../limits/limits.ts'
import { answerByPasskey, signInByPasskey } from '../passkeys/sign-in.ts'
import { findTicket, issueTicket, type TicketSecret } from '../recovery/tickets.ts'
import { accountClient, accountDoor, atAccountDoor } from '../self-service/account-door.ts'
import { keptCodes } from '../self-service/recovery-codes.ts'
import { trustDevice } from '../self-service/trusted-devices.ts'
import { type OnAuthenticated, openSession, type SignedIn } from '../sessions/open-session.ts'
import type { Proof, ShownFactor } from '../sessions/proof-of-person.ts'
import { asCaller, type Caller } from '../sessions/sessions.ts'
import type { Credentials } from './credentials.ts'
import { needsSecondFactor } from './second-factor.ts'
import {
  type ChallengeAnswer,
  finishAfterPassword,
  finishAfterSecondFactor,
  finishWithTickets,
  refuseTicket,
  refuseUnverified,
  type SecondFactorNeeded,
  verifyPassword,
} from './sign-in.ts'

export const loginLifetimeSeconds = 10 * 60
/** Of the code that finishes a login: as long as a browser may take to follow a redirect. */
const codeLifetimeSeconds = 2 * 60
/** Where a page comes in between that says how many recovery codes are left: nobody is to need another one to go on. */
const readingLifetimeSeconds = loginLifetimeSeconds

interface LoginTarget {
  /** Registered for the client. */
  redirectUri: string
  /** The path of ours that finishes the login when it is given the one-time code as `code`. */
  completionPath: string
  /** The path names what the browser alone may know, so that nobody may read it in the database. */
  hasSecretPath?: boolean
  /** The app asks for a sign-in anew: nobody may go on as they are signed in to the browser. */
  isAnew?: boolean
  /** The app asks for a second factor: where the account has one, trust in the browser does not stand for it. */
  needsSecondFactor?: boolean
  /** What the app believes that the person signs in with. */
  loginHint?: string
  /** What the app wants its pages to speak, where neither the browser nor an account says. */
  language?: Language
}

/** A sign-in that an app has sent a browser here for, and what comes after it. */
export interface Login extends LoginTarget {
  id: string
  dialect: string
  client: Client
}

/** What a browser keeps of a login: who has the secret may go on with this login and no other. */
export interface KeptLogin {
  id: string
  secret: string
}

/** The login is proven; the browser goes on to `path`, which holds the one-time code. */
export interface ProvenLogin {
  isComplete: true
  path: string
  /** What the browser is to keep, which the account trusts from now on. */
  trustedSecret?: string
  /** How many recovery codes are left, after one was used. */
  recoveryCodesLeft?: number
}

/** Begins a login of the client; the browser is to keep what is returned. Throws `rate_limited`. */
export async function startLogin(ctx: Context, target: LoginTarget): Promise<KeptLogin> {
  await ctx.limiter.consume(limits.loginsPerIp, ctx.origin.ip)
  const id = ctx.newId()
  const secret = await issueTicket(ctx, {
    kind: 'login',
    subject: id,
    lifetimeSeconds: loginLifetimeSeconds,
    payload: target.hasSecretPath ? { ...target, completionPath: sealPath(ctx, id, target) } : target,
    from: clientRef(ctx),
  })
  return { id, secret }
}

/** A login that the browser keeps, while it is neither finished nor expired. */
export async function findLogin(ctx: RealmContext, kept: KeptLogin | undefined): Promise<Login | undefined> {
  const ticket = kept && (await findTicket(ctx, 'login', kept.secret))
  if (ticket?.subject !== kept?.id || !ticket?.dialect || !ticket.client_id || ticket.consumed_at !== null)
    return undefined
  const isOfPages = ticket.dialect === accountDoor.dialect
  const client = isOfPages ? accountClient(ctx) : findClient(ctx, ticket.dialect, ticket.client_id)
  if (!client) return undefined
  const target: LoginTarget = JSON.parse(ticket.payload)
  const completionPath = target.hasSecretPath
    ? unsealPath(ctx, ticket.subject, target)
    : target.completionPath
  if (completionPath === undefined) return undefined
  return { id: ticket.subject, dialect: ticket.dialect, client, ...target, completionPath }
}

const pathContext = (loginId: string) => `login-path ${loginId}`

function sealPath(
  { secrets, randomBytes }: Context,
  loginId: string,
  { completionPath }: LoginTarget,
): string {
  return secrets.seal(completionPath, pathContext(loginId), randomBytes(nonceBytes)).sealed
}

/** `undefined` when the master key is gone that it was sealed under: a login lasts for ten minutes. */
function unsealPath(
  { secrets }: RealmContext,
  loginId: string,
  { completionPath }: LoginTarget,
): string | undefined {
  try {
    return secrets.unseal(completionPath, pathContext(loginId))
  } catch (error) {
    if (error instanceof UnsealError) return undefined
    throw error
  }
}

/**
 * Takes the password, and says how the login goes on. `ctx` is at the login's door; `trustedSecrets` are what the browser
 * keeps that accounts trust. Throws as signing in does.
 */
export async function proveLogin(
  ctx: Context,
  login: Login,
  { trustedSecrets, ...input }: Credentials & { trustedSecrets?: string[] },
): Promise<ProvenLogin | SecondFactorNeeded> {
  const atClient = { ...ctx, client: login.client }
  const verified = await verifyPassword(atClient, input)
  const trusted = login.needsSecondFactor ? [] : trustedSecrets
  return finishAfterPassword(atClient, { ...verified, trustedSecrets: trusted }, issueCode(login))
}

/** An answer to a challenge from a browser, and what it keeps that accounts trust if it is to be trusted from now on. */
export type BrowserAnswer = ChallengeAnswer & { trustBeside?: string[] }

/**
 * Takes the code of the second factor. `ctx` is at the login's door. A recovery code makes no browser trusted: the person
 * has lost what is theirs. Throws as answering a challenge does.
 */
export function proveLoginByChallenge(
  ctx: Context,
  login: Login,
  { trustBeside, ...answer }: BrowserAnswer,
): Promise<ProvenLogin> {
  const issue = issueCode(login)
  return finishAfterSecondFactor({ ...ctx, client: login.client }, answer, async (ctx, account, proof) => {
    const proven = await issue(ctx, account, proof)
    if (proof.second?.kind === 'recovery_code')
      return { ...proven, recoveryCodesLeft: (await keptCodes(ctx, account.id)).left }
    if (!trustBeside) return proven
    return { ...proven, trustedSecret: await trustDevice(ctx, account.id, trustBeside) }
  })
}

/**
 * Takes the session of the browser for a proof, as its owner wants to go on with it, with the second factor that it has
 * shown. `ctx` is at the login's door, whose rules for signing in hold. Throws `second_factor_needed` when the account has
 * one that the session has not shown since, or the app asks for one, `recent_sign_in_needed` when it asks for a sign-in
 * anew, `email_unverified`, `access_invalid` when the session has ended, and what a hook refuses with.
 */
export async function proveLoginBySession(ctx: Context, login: Login, caller: Caller): Promise<ProvenLogin> {
  const { account, session } = caller
  if (login.isAnew) throw new AuthError('recent_sign_in_needed')
  const atClient = { ...ctx, client: login.client }
  await refuseUnverified(atClient, account)
  const shown = { first: 'browser_session', second: shownIn(session) } as const
  // The browser has its session, and an app is asked about when it gets one.
  const permit = opensBrowser(ctx) ? unasked : await permitSignIn(atClient, account, shown)
  const { door, client } = atAccountDoor(ctx)
  return asCaller({ ...ctx, door, client }, caller, async (locked) => {
    const inTransaction = { ...locked, door: ctx.door, client: login.client }
    if (!(await hasShownEnough(inTransaction, login, caller))) throw new AuthError('second_factor_needed')
    return issueCode(login)(inTransaction, account, { ...shown, permit })
  })
}

/** Whether the session of a browser has shown the second factor that its account has, and that the app of a login asks for. */
export async function hasShownEnough(
  ctx: RealmContext,
  login: Login,
  { account, session }: Caller,
): Promise<boolean> {
  if (login.needsSecondFactor && session.second_factor_at === null) return false
  return !(await needsSecondFactor(ctx, account.id, session))
}

/** The second factor that a session has shown; no proof carries the time of one without its kind. */
function shownIn({ second_factor_at: at, methods }: SessionRow): ShownFactor | undefined {
  if (at === null) return undefined
  const isPasskey = methods !== null && JSON.parse(methods).includes('passkey')
  return { kind: isPasskey ? 'passkey' : 'authenticator', at }
}

/** Takes a passkey for the password and the second factor. `ctx` is at the login's door. Throws as `signInByPasskey` does. */
export function proveLoginByPasskey(
  ctx: Context,
  login: Login,
  input: { secret: string; answer: string },
): Promise<ProvenLogin> {
  const atClient = { ...ctx, client: login.client }
  return signInByPasskey(atClient, { shown: input.secret, answer: input.answer }, issueCode(login))
}

/** Takes a passkey for the code of the second factor. `ctx` is at the login's door. Throws as `answerByPasskey` does. */
export function proveLoginBySecondPasskey(
  ctx: Context,
  login: Login,
  input: { challenge: string; answer: string },
): Promise<ProvenLogin> {
  return answerByPasskey({ ...ctx, client: login.client }, input, issueCode(login))
}

/** A login that a browser keeps, and what it has come back with. */
export interface LoginAnswer {
  kept: KeptLogin[]
  code: string
}

/** What a proven login is for, such as a session; runs in a transaction that holds the account's row. */
export type OnProven<T> = (
  ctx: Context,
  account: AccountRow,
  proven: { proof: Proof; login: Login },
) => Promise<T>

/**
 * Finishes one of the logins that the browser keeps with its one-time code: opens the session, and says where the browser
 * goes. Throws as `finishLogin` does.
 */
export function completeLogin(ctx: Context, answer: LoginAnswer): Promise<SignedIn & { login: Login }> {
  return finishLogin(ctx, answer, async (ctx, account, { proof, login }) => ({
    ...(await openSession(ctx, account, proof)),
    login,
  }))
}

/**
 * Finishes one of the logins that the browser keeps with its one-time code, for whatever it is. Throws `challenge_invalid`
 * when the code is of no such login, was used, or has outlived the password; `rate_limited`.
 */
export async function finishLogin<T>(
  ctx: Context,
  { kept, code }: LoginAnswer,
  onProven: OnProven<T>,
): Promise<T> {
  const ticket = await findTicket(ctx, 'login-code', code)
  const own = kept.find(({ id }) => id === ticket?.subject)
  const login = await findLogin(ctx, own)
  if (!ticket || !own || login?.dialect !== ctx.door.dialect) return refuseTicket(ctx)
  const account = ticket.account_id ? await ctx.store.accounts.byId(ticket.account_id) : undefined
  const proof = readProof(ticket)
  if (!account || (account.password_hash === null && needsPassword(proof))) return refuseTicket(ctx)
  const tickets: TicketSecret[] = [
    ['login-code', code],
    ['login', own.secret],
  ]
  return finishWithTickets({ ...ctx, client: login.client }, account, tickets, async (ctx, account) => {
    if (!(await isStillEnough(ctx, account.id, proof))) throw new AuthError('challenge_invalid')
    const proven = await onProven(ctx, account, { proof, login })
    await connectPending(ctx, login.id, { account, proof })
    return proven
  })
}

/** Whether a proof is one by a password, which nobody has shown where the account has none. */
function needsPassword({ first }: Proof): boolean {
  return first !== 'passkey' && first !== 'identity_provider' && first !== 'browser_session'
}

/** Whether no second factor has been set up, and no trust has ended, since the proof was given. */
async function isStillEnough(ctx: Context, accountId: string, proof: Proof): Promise<boolean> {
  const shown = { second_factor_at: proof.second?.at ?? null }
  if (!(await needsSecondFactor(ctx, accountId, shown))) return true
  const { trustedDeviceId } = proof
  if (trustedDeviceId === undefined) return false
  return (await ctx.store.trustedDevices.liveById(accountId, trustedDeviceId, ctx.now())) !== undefined
}

interface CodePayload {
  proof: Proof
}

/** A release without hooks has made some without a permit. */
function readProof({ payload }: TicketRow): Proof {
  const { proof }: CodePayload = JSON.parse(payload)
  return { ...proof, permit: proof.permit ?? unasked }
}

/** A code that is good for one login, the newest. */
export function issueCode(login: Login): OnAuthenticated<ProvenLogin> {
  return async (ctx, account, proof) => {
    const payload: CodePayload = { proof }
    const code = await issueTicket(ctx, {
      kind: 'login-code',
      subject: login.id,
      accountId: account.id,
      lifetimeSeconds: proof.second?.kind === 'recovery_code' ? readingLifetimeSeconds : codeLifetimeSeconds,
      payload,
      from: { dialect: login.dialect, clientId: login.client.id },
    })
    return { isComplete: true, path: `${login.completionPath}?code=${code}` }
  }
}
