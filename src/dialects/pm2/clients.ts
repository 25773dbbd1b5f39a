import type { Client } from '../../core/clients/client.ts'
import { findClient } from '../../core/clients/clients.ts'
import type { Context } from '../../core/context.ts'
import { clientOfToken } from '../../core/sessions/token-client.ts'

/** The context of the client with that id; `undefined` when nobody has registered it. */
export function atClient(ctx: Context, id: string): Context | undefined {
  const client = findClient(ctx, ctx.door.dialect, id)
  return client && { ...ctx, client }
}

/** The context of the client that an access token was issued to: requests with a token do not name theirs. */
export async function atTokenClient(ctx: Context, token: string | undefined): Promise<Context> {
  const client = await clientOfToken(ctx, token)
  return client ? { ...ctx, client } : ctx
}

/** Where a person goes who has validated an e-mail address. */
export function frontEndOf(client: Client, publicUrl: string): string {
  return client.frontEndUrl ?? `${publicUrl}/ui/verify-email-done`
}
