import { createHash, type JsonWebKey } from 'node:crypto'
import type { Claims, SignatureAlgorithm, Verify } from '../sessions/jwt.ts'
import { publishedKeyVerifier, signatureVerifier, signedPart } from '../switching/tokens/signature.ts'

/** What back ends of apps may show to manage the accounts of a realm. */
export interface AcceptedKeys {
  /** The SHA-256 of each key, in hex. */
  digests?: readonly string[]
  /** The secret by which tokens are signed by HS256. */
  secret?: string
  /** Public keys by which tokens are signed. */
  publicKeys?: readonly { key: JsonWebKey; algorithm: SignatureAlgorithm }[]
  /** The values of a token's `role` that are a service's. */
  roles: readonly string[]
}

/** `isToken`: it is no service's, but a token that was signed with one of the keys and has not expired. */
export type ShownKey = { actor: string } | { actor?: undefined; isToken: boolean }

/**
 * Judges what is shown as a service key, at a time in epoch milliseconds. Whoever shows a good one acts as
 * `service:` and the first 8 hex digits of the SHA-256 of the key, by which an operator finds out which it was; that of a
 * token is made of the part that is signed. A token without `exp` (RFC 7519 §4.1.4) lasts.
 */
export function serviceKeyJudge({ digests = [], secret, publicKeys = [], roles }: AcceptedKeys) {
  const known = new Set(digests)
  const verifiers: Verify[] = [
    ...(secret === undefined ? [] : [signatureVerifier(secret, 'HS256')]),
    ...publicKeys.flatMap(({ key, algorithm }) => publishedKeyVerifier(key, algorithm) ?? []),
  ]
  return (shown: string, now: number): ShownKey => {
    const digest = digestOf(shown)
    if (known.has(digest)) return { actor: actorOf(digest) }
    const claims = firstOf(verifiers, shown)
    if (!claims || !isInForce(claims, now)) return { isToken: false }
    const isService = typeof claims.role === 'string' && roles.includes(claims.role)
    return isService ? { actor: actorOf(digestOf(signedPart(shown))) } : { isToken: true }
  }
}

function actorOf(digest: string): string {
  return `service:${digest.slice(0, 8)}`
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function firstOf(verifiers: Verify[], token: string): Claims | undefined {
  for (const verify of verifiers) {
    const claims = verify(token)
    if (claims) return claims
  }
  return undefined
}

function isInForce({ exp, nbf }: Claims, now: number): boolean {
  const seconds = now / 1000
  return isTime(exp) && isTime(nbf) && (exp ?? Number.POSITIVE_INFINITY) > seconds && (nbf ?? 0) <= seconds
}

function isTime(value: unknown): value is number | undefined {
  return value === undefined || typeof value === 'number'
}
