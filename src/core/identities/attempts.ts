import { createHash } from 'node:crypto'
import { recordRefusal } from '../audit/audit.ts'
import { clientRef } from '../clients/clients.ts'
import type { Context, RequestContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { consumePerIp, refundUses } from '../limits/account-limits.ts'
import { limits } from '../limits/limits.ts'
import { consumeTicket, findTicket, issueTicket } from '../recovery/tickets.ts'
import type { AttemptSecrets, Identified } from './provider.ts'
import { providerOf } from './providers.ts'

/** As long as the login that it is for. */
const lifetimeSeconds = 10 * 60

/** What somebody is sent to a provider for: one login of the browser, or the account of one of its sessions. */
export type Purpose = { login: string } | { session: string }

interface AttemptPayload {
  provider: string
  purpose: Purpose
}

/** What an attempt is made with, and for. */
export interface NewAttempt {
  providerId: string
  purpose: Purpose
  /** What this browser alone has: nothing that another one is given counts beside it. */
  binding: string
  accountId?: string
}

/**
 * Begins a sign-in with a provider, and returns the address to send the browser to. Of its secrets the hash of `state` is
 * kept, and the others are made of it. Throws `route_not_found`, `rate_limited`, `unavailable`.
 */
export async function startAttempt(
  ctx: Context,
  { providerId, purpose, binding, accountId }: NewAttempt,
): Promise<string> {
  const provider = providerOf(ctx, providerId)
  await ctx.limiter.consume(limits.loginsPerIp, ctx.origin.ip)
  const payload: AttemptPayload = { provider: provider.id, purpose }
  const state = await issueTicket(ctx, {
    kind: 'identity-attempt',
    subject: ctx.newId(),
    ...(accountId !== undefined && { accountId }),
    lifetimeSeconds,
    payload,
    from: clientRef(ctx),
  })
  return provider.begin(secretsOf(ctx, { providerId, state, binding }))
}

/**
 * What an answer of a provider is for, good or not. Throws `challenge_invalid` for one that nobody has asked that provider
 * for here, `rate_limited`.
 */
export async function readPurpose(
  ctx: RequestContext,
  { providerId, state }: { providerId: string; state: string },
): Promise<Purpose> {
  const ticket = await findTicket(ctx, 'identity-attempt', state)
  const { provider, purpose }: Partial<AttemptPayload> = ticket ? JSON.parse(ticket.payload) : {}
  if (provider === providerId && purpose) return purpose
  await ctx.limiter.consume(limits.invalidTokensPerIp, ctx.origin.ip)
  throw new AuthError('challenge_invalid')
}

/** An answer of a provider, and what the browser has that has brought it. */
export interface ProviderAnswer {
  providerId: string
  state: string
  binding: string
  /** As the browser has brought it. */
  query: string
}

/**
 * Whom an answer of a provider is about; it counts once. Throws `challenge_invalid` where it has counted before,
 * `identity_declined`, `identity_refused`, `rate_limited`, `unavailable`.
 */
export async function identify(ctx: Context, answer: ProviderAnswer): Promise<Identified> {
  const provider = providerOf(ctx, answer.providerId)
  const uses = await consumePerIp(ctx, [{ rule: limits.signInPerIp }])
  if (!(await consumeTicket(ctx, 'identity-attempt', answer.state))) throw new AuthError('challenge_invalid')
  try {
    const identity = await provider.finish(secretsOf(ctx, answer), answer.query)
    await refundUses(ctx, uses)
    return { provider, identity }
  } catch (error) {
    if (error instanceof AuthError) await recordRefusal(ctx, 'sign_in', { detail: error.code })
    throw error
  }
}

/** Under a key that outlives a change of the master key, and different for each browser that shows the same `state`. */
function secretsOf(
  { secrets, publicUrl }: Context,
  { providerId, state, binding }: Omit<ProviderAnswer, 'query'>,
): AttemptSecrets {
  const derive = (what: string) => secrets.steadyMac('identity', `${what} ${state} ${hashOf(binding)}`)
  return {
    state,
    nonce: derive('nonce').toString('base64url'),
    codeVerifier: derive('verifier').toString('base64url'),
    redirectUri: `${publicUrl}/ui/with/${providerId}/callback`,
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
