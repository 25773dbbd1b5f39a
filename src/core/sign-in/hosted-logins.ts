import type { Client } from '../clients/client.ts'
import { clientRef, findClient } from '../clients/clients.ts'
import type { Context, RealmContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { limits } from '../limits/limits.ts'
import { answerByPasskey, signInByPasskey } from '../passkeys/sign-in.ts'
import { findTicket, issueTicket, type TicketSecret } from '../recovery/tickets.ts'
import { accountClient, accountDoor } from '../self-service/account-door.ts'
import { type OnAuthenticated, openSession, type SignedIn } from '../sessions/open-session.ts'
import type { Proof } from '../sessions/proof-of-person.ts'
import type { Credentials } from './credentials.ts'
import { hasSecondFactor } from './second-factor.ts'
import {
  type ChallengeAnswer,
  finishAfterPassword,
  finishAfterSecondFactor,
  finishWithTickets,
  refuseTicket,
  type SecondFactorNeeded,
  verifyPassword,
} from './sign-in.ts'

export const loginLifetimeSeconds = 10 * 60
/** Of the code that finishes a login: as long as a browser may take to follow a redirect. */
const codeLifetimeSeconds = 2 * 60

interface LoginTarget {
  /** Registered for the client. */
  redirectUri: string
  /** The path of ours that finishes the login when it is given the one-time code as `code`. */
  completionPath: string
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
}

/** Begins a login of the client; the browser is to keep what is returned. Throws `rate_limited`. */
export async function startLogin(ctx: Context, target: LoginTarget): Promise<KeptLogin> {
  await ctx.limiter.consume(limits.loginsPerIp, ctx.origin.ip)
  const id = ctx.newId()
  const secret = await issueTicket(ctx, {
    kind: 'login',
    subject: id,
    lifetimeSeconds: loginLifetimeSeconds,
    payload: target,
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
  return { id: ticket.subject, dialect: ticket.dialect, client, ...target }
}

/** Takes the password, and says how the login goes on. `ctx` is at the login's door. Throws as signing in does. */
export async function proveLogin(
  ctx: Context,
  login: Login,
  input: Credentials,
): Promise<ProvenLogin | SecondFactorNeeded> {
  const atClient = { ...ctx, client: login.client }
  return finishAfterPassword(atClient, await verifyPassword(atClient, input), issueCode(login))
}

/** Takes the code of the second factor. `ctx` is at the login's door. Throws as answering a challenge does. */
export function proveLoginByChallenge(
  ctx: Context,
  login: Login,
  input: ChallengeAnswer,
): Promise<ProvenLogin> {
  return finishAfterSecondFactor({ ...ctx, client: login.client }, input, issueCode(login))
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

/**
 * Finishes one of the logins that the browser keeps with its one-time code: opens the session, and says where the browser
 * goes. Throws `challenge_invalid` when the code is of no such login, was used, or has outlived the password;
 * `rate_limited`.
 */
export async function completeLogin(
  ctx: Context,
  { kept, code }: { kept: KeptLogin[]; code: string },
): Promise<SignedIn & { login: Login }> {
  const ticket = await findTicket(ctx, 'login-code', code)
  const own = kept.find(({ id }) => id === ticket?.subject)
  const login = await findLogin(ctx, own)
  if (!ticket || !own || login?.dialect !== ctx.door.dialect) return refuseTicket(ctx)
  const account = ticket.account_id ? await ctx.store.accounts.byId(ticket.account_id) : undefined
  const { proof }: CodePayload = JSON.parse(ticket.payload)
  if (!account || (account.password_hash === null && proof.first !== 'passkey')) return refuseTicket(ctx)
  const tickets: TicketSecret[] = [
    ['login-code', code],
    ['login', own.secret],
  ]
  return finishWithTickets({ ...ctx, client: login.client }, account, tickets, async (ctx, account) => {
    if (!proof.second && (await hasSecondFactor(ctx, account.id))) throw new AuthError('challenge_invalid')
    return { ...(await openSession(ctx, account, proof)), login }
  })
}

interface CodePayload {
  proof: Proof
}

/** A code that is good for one login, the newest. */
function issueCode(login: Login): OnAuthenticated<ProvenLogin> {
  return async (ctx, account, proof) => {
    const payload: CodePayload = { proof }
    const code = await issueTicket(ctx, {
      kind: 'login-code',
      subject: login.id,
      accountId: account.id,
      lifetimeSeconds: codeLifetimeSeconds,
      payload,
      from: { dialect: login.dialect, clientId: login.client.id },
    })
    return { isComplete: true, path: `${login.completionPath}?code=${code}` }
  }
}
