import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { readBase64url } from '../../../lib/base64url.ts'
import { type SignatureAlgorithm, signatureOnly, type Verify } from '../../sessions/jwt.ts'

/** Longer than any token that fits into a header. */
const maxLength = 16_384

/**
 * Accepts tokens that the key has signed with that algorithm: what a token says of its key, where it may be found, or
 * which extensions have to be understood (RFC 7515 §4.1.11) is never followed. Times are not compared.
 */
export function signatureVerifier(key: string | Buffer, algorithm: SignatureAlgorithm): Verify {
  const verify = signatureOnly(key, algorithm)
  return (token) => (isPlain(token, algorithm) ? verify(token) : undefined)
}

/**
 * Accepts tokens that a published key (RFC 7517) has signed with that algorithm, as `signatureVerifier` does; `undefined` for
 * a key that is broken or not for that algorithm.
 */
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
