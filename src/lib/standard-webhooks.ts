import { createHmac } from 'node:crypto'

/** A secret as the specification writes it: `whsec_` and 24 to 64 bytes in Base64 (Standard Webhooks, "Signature scheme"). */
const secretForm = /^whsec_((?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?)$/
const minSecretBytes = 24
const maxSecretBytes = 64

/** The key in a secret that begins with `whsec_`; `undefined` for any other text. */
export function readWebhookSecret(text: string): Buffer | undefined {
  const [, encoded] = secretForm.exec(text) ?? []
  const key = encoded === undefined ? undefined : Buffer.from(encoded, 'base64')
  return key && key.length >= minSecretBytes && key.length <= maxSecretBytes ? key : undefined
}

/** Random bytes, 24 to 64 of them, as a secret that receivers are given. */
export function writeWebhookSecret(key: Buffer): string {
  return `whsec_${key.toString('base64')}`
}

/** What is signed of a message: its id, which stays the same when it is sent again, when it is sent, and its body. */
export interface WebhookMessage {
  id: string
  /** Epoch milliseconds; the receiver refuses what is too old. */
  now: number
  body: string
}

/**
 * The headers of a message, signed with each of the keys: of several the receiver needs one, so that a secret can be
 * changed without losing a message (Standard Webhooks, "Signing": HMAC-SHA256 over `id.timestamp.body`).
 */
export function signWebhook({ id, now, body }: WebhookMessage, keys: Buffer[]): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000))
  const signatures = keys.map((key) =>
    createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64'),
  )
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.map((signature) => `v1,${signature}`).join(' '),
  }
}
