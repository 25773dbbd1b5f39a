import type { Client } from '../clients/client.ts'
import { findClient } from '../clients/clients.ts'
import type { Context } from '../context.ts'
import { learnAccessToken } from './tokens.ts'

/** The client that an access token of this door was issued to, expired or not; `undefined` for any other token, and none. */
export async function clientOfToken(ctx: Context, token: string | undefined): Promise<Client | undefined> {
  const claims = token === undefined ? undefined : await learnAccessToken(ctx, token)
  return claims && findClient(ctx, ctx.door.dialect, claims.clientId)
}
