import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Identifier } from '../../core/accounts/identifiers.ts'
import type { Context } from '../../core/context.ts'
import { isRefusal } from '../../core/errors.ts'
import { type ExchangeRefusal, redeemExchange } from '../../core/mailed-sign-in/exchange.ts'
import { refresh } from '../../core/sessions/refresh.ts'
import { isRefreshTokenShaped } from '../../core/sessions/tokens.ts'
import { signIn } from '../../core/sign-in/sign-in.ts'
import type { App } from '../../http/types.ts'
import { instead, invalid, issuerDisabled, Refused, type Row, refusals } from './errors.ts'
import * as fields from './fields.ts'
import type { Settings } from './manifest.ts'
import { base } from './paths.ts'
import { presentSession } from './present.ts'
import { readNumber, requirePhones } from './texts.ts'
import { userOf } from './user-of.ts'

type Input = z.output<typeof fields.Token>

/** Where a session comes before the second factor, nobody is asked for that but by an old server whose it is. */
const errorHandler = instead({ second_factor_needed: refusals.factorElsewhere })

/** Makes a session of what a request shows. */
type Grant = (request: FastifyRequest, shown: Input, settings: Settings) => Promise<object>

export function tokenRoutes(app: App, settings: Settings): void {
  const schema = { querystring: fields.Grant, body: fields.Token }
  app.post(`${base}/token`, { schema, errorHandler }, (request) => {
    const grant = grants.get(request.query.grant_type ?? '')
    if (!grant) throw new Refused(refusals.unknownGrant)
    return grant(request, request.body, settings)
  })
}

const byPassword: Grant = async ({ ctx }, { password = '', ...named }, settings) => {
  const result = await signIn(ctx, { ...readName(ctx, named), password }).catch((error) => {
    const isPhone = isRefusal(error, 'email_unverified') && named.phone !== undefined
    throw isPhone ? new Refused(refusals.phoneUnconfirmed) : error
  })
  // A door where the second factor comes later has no challenge.
  if (!result.isComplete) throw new Refused(refusals.unknownGrant)
  const { tokens, account, factors } = result
  return { ...presentSession(tokens, await userOf(ctx, account, settings, factors)), weak_password: null }
}

function readName(ctx: Context, { email, phone }: Pick<Input, 'email' | 'phone'>): Identifier {
  if (email !== undefined && phone !== undefined)
    throw invalid('Only an email address or phone number should be provided on login.')
  if (email !== undefined) return { email }
  if (phone === undefined) throw invalid('missing email or phone')
  requirePhones(ctx, refusals.phoneLogin)
  return { phone: readNumber(phone) }
}

const byRefreshToken: Grant = async ({ ctx }, { refresh_token: token }, settings) => {
  const malformed = invalid('Refresh token is not valid')
  if (token === undefined) throw malformed
  try {
    const { tokens, account, factors } = await refresh(ctx, token)
    if (!account) throw new Error('a refresh at this door reads the account')
    return presentSession(tokens, await userOf(ctx, account, settings, factors))
  } catch (error) {
    const isStrange = isRefusal(error, 'refresh_invalid') && !isRefreshTokenShaped(token)
    throw isStrange ? malformed : error
  }
}

const byExchangeCode: Grant = async ({ ctx }, { auth_code: code, code_verifier: verifier }, settings) => {
  if (code === undefined || verifier === undefined)
    throw invalid('invalid request: both auth code and code verifier should be non-empty')
  const redeemed = await redeemExchange(ctx, { code, verifier }).catch(asUnknown)
  if (typeof redeemed === 'string') throw new Refused(exchangeRefusals[redeemed])
  const { tokens, account, factors } = redeemed
  return presentSession(tokens, await userOf(ctx, account, settings, factors))
}

/** Somebody was quicker, or the account has been banned since. */
function asUnknown(error: unknown): 'unknown' {
  if (isRefusal(error, 'ticket_invalid')) return 'unknown'
  throw error
}

const exchangeRefusals: Record<ExchangeRefusal, Row> = {
  unknown: refusals.exchangeUnknown,
  expired: refusals.exchangeExpired,
  verifier: refusals.verifier,
}

const byIdToken: Grant = async (_request, { provider = '' }) => {
  throw new Refused(issuerDisabled(/^[\w-]{1,50}$/.test(provider) ? provider : ''))
}

const byWallet: Grant = async () => {
  throw new Refused(refusals.web3)
}

const grants = new Map<string, Grant>([
  ['password', byPassword],
  ['refresh_token', byRefreshToken],
  ['pkce', byExchangeCode],
  ['id_token', byIdToken],
  ['web3', byWallet],
])
