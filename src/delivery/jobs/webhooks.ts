import type { RealmContext } from '../../core/context.ts'
import {
  noteAttempt,
  requestFor,
  type WebhookAnswer,
  type WebhookRequest,
} from '../../core/webhooks/attempts.ts'
import { createOutwardFetch, OutwardError } from '../../lib/outward.ts'
import { Undeliverable } from '../message.ts'
import type { JobHandlers } from './mailer.ts'
import { observeAttempt, type SeenAttempt } from './observed.ts'

/** For all of an attempt: shorter than a job's lease, and than a container is given to stop. */
const timeoutMs = 8_000
/** Of an answer that is kept. */
const keptBytes = 2_048
/** Chunks are read whole, and nothing behind the one that is enough. */
const maxBodyBytes = 1_048_576

/** Sends what endpoints are to be told (Standard Webhooks), and writes down what they have answered. */
export function webhookHandlers(observe: (seen: SeenAttempt) => void): Pick<JobHandlers, 'webhook-delivery'> {
  return {
    'webhook-delivery': async (ctx, _, id) => {
      const request = await requestFor(ctx, id)
      if (!request) return
      await observeAttempt(attempt(ctx, id, request), observe)
    },
  }
}

async function attempt(ctx: RealmContext, id: string, request: WebhookRequest): Promise<void> {
  const answer = await post(ctx, request)
  const outcome = await noteAttempt(ctx, id, answer)
  if (outcome === 'over') return
  const { error = 'the endpoint could not be told' } = answer
  throw outcome === 'given_up' ? new Undeliverable(error) : new Error(error)
}

/** Every end is an answer. What is sent and where is in no message. */
async function post(ctx: RealmContext, { url, headers, body }: WebhookRequest): Promise<WebhookAnswer> {
  const { allowPrivateAddresses: allowPrivate } = ctx.realm.webhooks
  const at = ctx.now()
  const startedAt = performance.now()
  const took = () => Math.round(performance.now() - startedAt)
  try {
    const send = createOutwardFetch({ allowPrivate, timeoutMs, maxBodyBytes })
    const answer = await send(url, { method: 'POST', headers, body })
    const { status } = answer
    const text = await beginningOf(answer)
    // Redirects are not followed: the endpoint says where it is by its URL.
    const isTaken = status >= 200 && status < 300
    return {
      ...{ at, ms: took(), status, answer: text },
      ...(!isTaken && { error: `the endpoint has answered ${status}` }),
    }
  } catch (error) {
    const isOutward = error instanceof OutwardError
    return {
      ...{ at, ms: took(), error: isOutward ? error.message : 'the request could not be made' },
      ...(isOutward && error.why === 'forbidden' && { isForbidden: true }),
    }
  }
}

/** The first 2 KB of an answer as text: its status counts, even where the rest of it does not come. */
async function beginningOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = body?.getReader()
  try {
    while (reader && length < keptBytes) {
      const { done, value } = await reader.read()
      if (done) break
      chunks.push(value)
      length += value.length
    }
  } catch {}
  await reader?.cancel().catch(() => {})
  // PostgreSQL keeps no NUL.
  return Buffer.concat(chunks).subarray(0, keptBytes).toString().replaceAll('\0', '\u{fffd}')
}
