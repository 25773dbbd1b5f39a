import type { WebhookRow } from '../../store/schema.ts'
import { recordEvent } from '../audit/audit.ts'
import { type AnyContext, type RealmContext, stopClock, transaction } from '../context.ts'
import { isTypePattern } from './event-types.ts'
import { defaultOverlapSeconds, makeWebhookSecret } from './secrets.ts'
import { relearnWanted } from './wanted.ts'

/** So many have a place of their own in the worker, so that none of a realm waits for another one. */
export const maxWebhooks = 16
const maxUrlLength = 2_000
/** Of a description, in characters. */
export const maxDescriptionLength = 200

/** An address outside that is told what happens. Times in epoch milliseconds. */
export interface Webhook {
  id: string
  url: string
  description: string
  /** Types of events, and beginnings such as `session.*`. */
  types: string[]
  createdAt: number
  pausedAt?: number
  /** `operator`, or `gone` where the endpoint has answered 410. */
  pausedWhy?: string
  /** Since when no attempt has succeeded. */
  failingSince?: number
}

/** What is said of an endpoint. */
export interface WebhookSettings {
  url: string
  description?: string
  types: string[]
}

/** Why an endpoint cannot be as it is wanted. */
export type WebhookFault = 'url' | 'url_insecure' | 'types' | 'description' | 'too_many'

/** An endpoint cannot be as it is wanted. */
export class WebhookRefused extends Error {
  readonly fault: WebhookFault

  constructor(fault: WebhookFault) {
    super(`webhook refused: ${fault}`)
    this.fault = fault
  }
}

/** The endpoints of a realm, in the order in which they were added. */
export async function listWebhooks(ctx: RealmContext): Promise<Webhook[]> {
  return (await ctx.store.webhooks.list()).map(fromRow)
}

export async function findWebhook(ctx: RealmContext, id: string): Promise<Webhook | undefined> {
  const row = await ctx.store.webhooks.byId(id)
  return row && fromRow(row)
}

/**
 * Adds an endpoint, and returns it with the secret that its requests are signed with, which is never shown again. It is
 * told of what happens from then on at this node, and within seconds at others. Throws `WebhookRefused`.
 */
export async function addWebhook(
  ctx: AnyContext,
  settings: WebhookSettings,
): Promise<{ webhook: Webhook; secret: string }> {
  check(ctx, settings)
  const added = await transaction(stopClock(ctx), async (ctx) => {
    if ((await ctx.store.webhooks.list()).length >= maxWebhooks) throw new WebhookRefused('too_many')
    const { url, description = '', types } = settings
    const webhook = { id: ctx.newId(), url, description, types: [...new Set(types)], createdAt: ctx.now() }
    await ctx.store.webhooks.add({
      id: webhook.id,
      url,
      description,
      types: JSON.stringify(webhook.types),
      created_at: webhook.createdAt,
    })
    const secret = await makeWebhookSecret(ctx, webhook.id)
    await recordEvent(ctx, 'webhook.added', { detail: webhook.id })
    return { webhook, secret }
  })
  await relearnWanted(ctx)
  return added
}

/** Changes what is given; `undefined` where there is no such endpoint. Throws `WebhookRefused`. */
export async function changeWebhook(
  ctx: AnyContext,
  id: string,
  changes: Partial<WebhookSettings>,
): Promise<Webhook | undefined> {
  check(ctx, changes)
  const { url, description, types } = changes
  const given = {
    ...(url !== undefined && { url }),
    ...(description !== undefined && { description }),
    ...(types !== undefined && { types: JSON.stringify([...new Set(types)]) }),
  }
  const changed = await transaction(ctx, async (ctx) => {
    if (Object.keys(given).length > 0 && (await ctx.store.webhooks.change(id, given)))
      await recordEvent(ctx, 'webhook.changed', { detail: id })
    return findWebhook(ctx, id)
  })
  await relearnWanted(ctx)
  return changed
}

const batch = 500

/** Removes an endpoint, what it was told and what waits for it; says whether it was there. */
export async function removeWebhook(ctx: AnyContext, id: string): Promise<boolean> {
  const removed = await transaction(ctx, async (ctx) => {
    if (!(await ctx.store.webhooks.remove(id))) return false
    await recordEvent(ctx, 'webhook.removed', { detail: id })
    return true
  })
  // There may be very many. What is left of an earlier attempt goes, too.
  while ((await ctx.store.webhookDeliveries.removeSome(id, batch)) > 0);
  await relearnWanted(ctx)
  return removed
}

/** Has an endpoint wait for what it is to be told until it is resumed. Says whether it was not paused. */
export function pauseWebhook(ctx: AnyContext, id: string): Promise<boolean> {
  return transaction(ctx, (ctx) => pauseFor(ctx, id, 'operator'))
}

/** Pauses an endpoint and says why, as `pauseWebhook` does. Part of a transaction. */
export async function pauseFor(ctx: AnyContext, id: string, why: 'operator' | 'gone'): Promise<boolean> {
  if (!(await ctx.store.webhooks.pause(id, { at: ctx.now(), why }))) return false
  await recordEvent(ctx, 'webhook.paused', { detail: why === 'gone' ? `${id} gone` : id })
  return true
}

/** Has an endpoint be told again, first what it has missed. Says whether it was paused. */
export function resumeWebhook(ctx: AnyContext, id: string): Promise<boolean> {
  return transaction(ctx, async (ctx) => {
    if (!(await ctx.store.webhooks.resume(id))) return false
    await recordEvent(ctx, 'webhook.resumed', { detail: id })
    ctx.afterCommit(ctx.wakeWorker)
    return true
  })
}

/**
 * Makes another secret for an endpoint and returns it: it is never shown again. Those before it go on signing beside it for
 * `overlapSeconds`. `undefined` where there is no such endpoint.
 */
export function rotateWebhookSecret(
  ctx: AnyContext,
  id: string,
  { overlapSeconds = defaultOverlapSeconds }: { overlapSeconds?: number } = {},
): Promise<string | undefined> {
  return transaction(stopClock(ctx), async (ctx) => {
    if (!(await ctx.store.webhooks.byId(id))) return undefined
    const now = ctx.now()
    await ctx.store.webhookSecrets.endAll(id, { endsAt: now + overlapSeconds * 1000, now })
    const secret = await makeWebhookSecret(ctx, id)
    await recordEvent(ctx, 'webhook.secret_rotated', { detail: id })
    return secret
  })
}

function check(
  { realm }: Pick<RealmContext, 'realm'>,
  { url, description, types }: Partial<WebhookSettings>,
): void {
  if (url !== undefined) checkUrl(url, realm.webhooks)
  if (description !== undefined && description.length > maxDescriptionLength)
    throw new WebhookRefused('description')
  if (types !== undefined && (types.length === 0 || !types.every(isTypePattern)))
    throw new WebhookRefused('types')
}

/** Where a name leads is looked up at each attempt. */
function checkUrl(text: string, { allowPrivateAddresses }: RealmContext['realm']['webhooks']): void {
  const url = URL.parse(text)
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  if (!url || !isWeb || url.username || url.password || url.hash || text.length > maxUrlLength)
    throw new WebhookRefused('url')
  if (url.protocol === 'http:' && !allowPrivateAddresses) throw new WebhookRefused('url_insecure')
}

function fromRow(row: WebhookRow): Webhook {
  return {
    id: row.id,
    url: row.url,
    description: row.description,
    types: JSON.parse(row.types),
    createdAt: row.created_at,
    ...(row.paused_at !== null && { pausedAt: row.paused_at, pausedWhy: row.paused_why ?? 'operator' }),
    ...(row.failing_since !== null && { failingSince: row.failing_since }),
  }
}
