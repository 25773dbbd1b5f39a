import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { createVerifier } from 'fast-jwt'
import { readBase64url } from '../../../lib/base64url.ts'
import type { Claims, Verify } from '../../sessions/jwt.ts'

/** An algorithm of signatures (RFC 7518 §3.1, RFC 8037 §3.1). */
export type SignatureAlgorithm = 'HS256' | 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'ES256' | 'ES384' | 'EdDSA'

/** Longer than any token that fits into a header. */
const maxLength = 16_384

/**
 * Accepts tokens that the key has signed with that algorithm: what a token says of its key, where it may be found, or
 * which extensions have to be understood (RFC 7515 §4.1.11) is never followed. Times are not compared.
 */
export function signatureVerifier(key: string | Buffer, algorithm: SignatureAlgorithm): Verify {
  const verify = createVerifier({
    key,
    algorithms: [algorithm],
    ignoreExpiration: true,
    ignoreNotBefore: true,
  })
  return (token) => {
    if (!isPlain(token, algorithm)) return undefined
    try {
      return verify(token) as Claims
    } catch {
      return undefined
    }
  }
}

/** The same by a key that somebody publishes (RFC 7517); `undefined` for one that is broken or not for that algorithm. */
export function publishedKeyVerifier(key: JsonWebKey, algorithm: SignatureAlgorithm): Verify | undefined {
  try {
    const pem = createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
    return signatureVerifier(pem, algorithm)
  } catch {
    return undefined
  }
}

/** What the signature is of: a token whose signature is spelled or made another way is the same one. */
export function signedPart(token: string): string {
  return token.slice(0, token.lastIndexOf('.'))
}

/** Whether a token has the form of one that was signed with that algorithm. */
export function isPlain(token: string, algorithm: SignatureAlgorithm): boolean {
  if (token.length > maxLength) return false
  const [header = '', ...others] = token.split('.')
  if (others.length !== 2 || others.some((part) => !readBase64url(part))) return false
  const read = parsed(header)
  return read?.alg === algorithm && !('crit' in read)
}

function parsed(header: string): Record<string, unknown> | undefined {
  try {
    const read: unknown = JSON.parse(readBase64url(header)?.toString() ?? '')
    return typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
