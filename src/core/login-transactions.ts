import { type Client, findClient } from './clients.ts'
import { type Context, type RealmContext, stopClock, transaction } from './context.ts'
import { AuthError } from './errors.ts'
import type { Identifier } from './identifiers.ts'
import { limits } from './limits.ts'
import { hasSecondFactor } from './second-factor.ts'
import {
  afterChallenge,
  afterPassword,
  openSignedIn,
  type Proof,
  provePassword,
  type SecondFactorNeeded,
  type SignedIn,
} from './sign-in.ts'
import { consumeTicket, findTicket, issueTicket } from './tickets.ts'

/** In seconds. */
export const loginLifetime = 10 * 60
/** Of the code that finishes a login, in seconds: as long as a browser may take to follow a redirect. */
const codeLifetime = 2 * 60

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

/** The login is proven; the browser goes on to `path`, which holds the one-time code. */
export interface ProvenLogin {
  isComplete: true
  path: string
}

/**
 * Begins a login of the client and returns its secret, which the browser keeps: who has it may go on with this login
 * and no other. Throws `rate_limited`.
 */
export async function startLogin(ctx: Context, target: LoginTarget): Promise<string> {
  await ctx.limiter.take(limits.loginAddress, ctx.origin.ip)
  return issueTicket(ctx, {
    kind: 'login',
    subject: ctx.newId(),
    lifetime: loginLifetime,
    account_id: null,
    client_id: ctx.client.id,
    dialect: ctx.door.dialect,
    payload: target,
  })
}

/** The login whose secret this is, while it is neither finished nor expired. */
export async function findLogin(ctx: RealmContext, secret: string | undefined): Promise<Login | undefined> {
  const ticket = secret === undefined ? undefined : await findTicket(ctx, 'login', secret)
  if (!ticket?.dialect || !ticket.client_id || ticket.consumed_at !== null) return undefined
  const client = findClient(ctx, ticket.dialect, ticket.client_id)
  if (!client) return undefined
  const target: LoginTarget = JSON.parse(ticket.payload)
  return { id: ticket.subject, dialect: ticket.dialect, client, ...target }
}

/** Takes the password, and says how the login goes on. `ctx` is at the login's door. Throws as signing in does. */
export async function proveLogin(
  ctx: Context,
  login: Login,
  input: Identifier & { password: string },
): Promise<ProvenLogin | SecondFactorNeeded> {
  const atClient = { ...ctx, client: login.client }
  return afterPassword(atClient, await provePassword(atClient, input), issueCode(login))
}

/** Takes the code of the second factor. `ctx` is at the login's door. Throws as answering a challenge does. */
export function proveLoginByChallenge(
  ctx: Context,
  login: Login,
  input: { challenge: string; code: string },
): Promise<ProvenLogin> {
  return afterChallenge({ ...ctx, client: login.client }, input, issueCode(login))
}

/**
 * Finishes a login with its one-time code: opens the session, and says where the browser goes. Throws
 * `challenge_invalid` when the code is not this login's, was used, or has outlived the password; `rate_limited`.
 */
export async function completeLogin(
  ctx: Context,
  input: { secret: string | undefined; code: string },
): Promise<SignedIn & { redirectUri: string }> {
  const login = await findLogin(ctx, input.secret)
  const ticket = await findTicket(ctx, 'login-code', input.code)
  if (!login || login.dialect !== ctx.door.dialect || ticket?.subject !== login.id) return refuse(ctx)
  const account = ticket.account_id ? await ctx.store.accounts.byId(ticket.account_id) : undefined
  if (!account?.password_hash) return refuse(ctx)
  const { proof }: CodePayload = JSON.parse(ticket.payload)

  return transaction(stopClock({ ...ctx, client: login.client }), async (ctx) => {
    // The account's row before the tickets: a password that is changed meanwhile has used the code up.
    const current = await ctx.store.accounts.signIn(account, ctx.now())
    const isFirst = current && (await consumeTicket(ctx, 'login-code', input.code))
    if (!isFirst || !(await consumeTicket(ctx, 'login', input.secret ?? '')))
      throw new AuthError('challenge_invalid')
    if (!proof.second && (await hasSecondFactor(ctx, current.id))) throw new AuthError('challenge_invalid')
    const signedIn = await openSignedIn(ctx, current, proof)
    return { ...signedIn, redirectUri: login.redirectUri }
  })
}

interface CodePayload {
  proof: Proof
}

/** A code that is good for one login, the newest. */
function issueCode(login: Login) {
  return async (ctx: Context, account: { id: string }, proof: Proof): Promise<ProvenLogin> => {
    const payload: CodePayload = { proof }
    const code = await issueTicket(ctx, {
      kind: 'login-code',
      subject: login.id,
      lifetime: codeLifetime,
      account_id: account.id,
      client_id: login.client.id,
      dialect: login.dialect,
      payload,
    })
    return { isComplete: true, path: `${login.completionPath}?code=${code}` }
  }
}

async function refuse(ctx: Context): Promise<never> {
  await ctx.limiter.take(limits.ticketAddress, ctx.origin.ip)
  throw new AuthError('challenge_invalid')
}
