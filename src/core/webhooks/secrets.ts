import { createHmac } from 'node:crypto'
import type { RealmContext } from '../context.ts'
import { nonceBytes } from '../keys/master-key.ts'

/** Standard Webhooks asks for 24 to 64. */
const secretBytes = 32
const prefix = 'whsec_'

/** How long the secret before a new one goes on signing, in seconds, where nothing else is said. */
export const defaultOverlapSeconds = 24 * 60 * 60

type Keeper = Pick<RealmContext, 'store' | 'secrets' | 'randomBytes' | 'newId' | 'now'>

/** Makes a secret for an endpoint, keeps it sealed, and returns it, as it is shown once. Part of a transaction. */
export async function makeWebhookSecret(ctx: Keeper, webhookId: string): Promise<string> {
  const secret = `${prefix}${ctx.randomBytes(secretBytes).toString('base64')}`
  const id = ctx.newId()
  const { sealed, keyId } = ctx.secrets.seal(secret, webhookSecretContext(id), ctx.randomBytes(nonceBytes))
  await ctx.store.webhookSecrets.add({
    id,
    webhook_id: webhookId,
    secret_sealed: sealed,
    sealed_under: keyId,
    created_at: ctx.now(),
  })
  return secret
}

/** What a secret of an endpoint is sealed for. */
export function webhookSecretContext(id: string): string {
  return `webhook-secret ${id}`
}

/**
 * The headers that show whom a request to an endpoint is from (Standard Webhooks, "Webhook headers"): a signature by each
 * secret that is good now, the newest first. `at` is when it is sent, in epoch milliseconds.
 */
export async function signatureHeaders(
  ctx: Keeper,
  { webhookId, id, at, body }: { webhookId: string; id: string; at: number; body: string },
): Promise<Record<string, string>> {
  const timestamp = Math.floor(at / 1000)
  const rows = await ctx.store.webhookSecrets.listGood(webhookId, ctx.now())
  const signatures = rows.map((row) => {
    const secret = ctx.secrets.unseal(row.secret_sealed, webhookSecretContext(row.id))
    const key = Buffer.from(secret.slice(prefix.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  })
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  }
}
