import { recordEvent } from '../audit/audit.ts'
import { reloadClients, removeClient } from '../clients/admin.ts'
import type { Client } from '../clients/client.ts'
import { hashClientSecret } from '../clients/client-secret.ts'
import { toRow } from '../clients/clients.ts'
import { type Context, type RealmContext, stopClock, transaction } from '../context.ts'
import { AuthError } from '../errors.ts'
import { limits } from '../limits/limits.ts'
import { openidSettingsOf } from './settings.ts'

type Asking = RealmContext & Pick<Context, 'origin'>

/** As every process holds them all in memory, and reads them anew with each that is added. */
const maxRegistered = 2_000
/** Until an operator has removed some; seconds. */
const retryAfter = 60 * 60

/** Counts that somebody registers a client or changes one, before anything is done for it. Throws `rate_limited`. */
export function countRegistration(ctx: Asking): Promise<void> {
  return ctx.limiter.consume(limits.registrationsPerIp, ctx.origin.ip)
}

/**
 * Keeps what a client has said of itself (RFC 7591 §3.1, RFC 7592 §2.2), and of its secret, where it has got one, the hash.
 * This process knows of it at once. Throws `unavailable` where the realm has as many as it may.
 */
export async function keepRegistration(ctx: Asking, client: Client, secret?: string): Promise<void> {
  const registered = ctx.clients.filter((known) => openidSettingsOf(known).registered)
  const isFull = registered.length >= maxRegistered
  await transaction(stopClock(ctx), async (ctx) => {
    const isNew = (await ctx.store.clients.add(toRow(client))) !== undefined
    if (isNew && isFull) throw new AuthError('unavailable', { retryAfter })
    if (!isNew) await ctx.store.clients.change(toRow(client))
    if (secret !== undefined)
      await ctx.store.clients.setSecret(client, {
        hash: hashClientSecret(secret),
        previousEndsAt: null,
        now: ctx.now(),
      })
    await recordEvent(ctx, isNew ? 'client.added' : 'client.changed', { client, detail: 'by itself' })
  })
  await reloadClients(ctx)
}

/** Removes a client that has registered itself (RFC 7592 §2.3). */
export async function dropRegistration(ctx: Asking, client: Client): Promise<void> {
  await removeClient(ctx, client)
  await reloadClients(ctx)
}
