import { createDecoder, createVerifier } from 'fast-jwt'
import { readBase64url } from '../../lib/base64url.ts'

export type Claims = Record<string, unknown>

/** What a token claims; `undefined` for one that is not to be believed. */
export type Verify = (token: string) => Claims | undefined

/** A token's first part. Ours is always the same text for a key, so it names the key, the algorithm and the type. */
export function encodedHeader(token: string): string {
  return token.slice(0, token.indexOf('.'))
}

const decode = createDecoder()

/** What a token claims, whoever has made it; `undefined` for what is none. */
export function readUnverified(token: string): Claims | undefined {
  try {
    return decode(token)
  } catch {
    return undefined
  }
}

/**
 * Accepts what `sign` made and nothing else: same header to the letter, one algorithm, a signature that holds. Times
 * are not compared: the clock is the caller's.
 */
export function verifierFor(
  sign: (claims: Claims) => string,
  { key, algorithm }: { key: string | Buffer; algorithm: 'ES256' | 'HS256' },
): Verify {
  const header = encodedHeader(sign({}))
  const verify = signatureOnly(key, algorithm)
  return (token) =>
    encodedHeader(token) === header && readBase64url(encodedSignature(token)) ? verify(token) : undefined
}

/** An algorithm of signatures (RFC 7518 §3.1, RFC 8037 §3.1). */
export type SignatureAlgorithm = 'HS256' | 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'ES256' | 'ES384' | 'EdDSA'

/** Accepts whatever the key has signed with that algorithm. Neither the form of a token nor its times are looked at. */
export function signatureOnly(key: string | Buffer, algorithm: SignatureAlgorithm): Verify {
  const verify = createVerifier({
    key,
    algorithms: [algorithm],
    ignoreExpiration: true,
    ignoreNotBefore: true,
  })
  return (token) => {
    try {
      return verify(token)
    } catch {
      return undefined
    }
  }
}

/** Gives `verify` as it is, but for the tokens that were right of late, which are not checked again. */
export type Remember = (verify: Verify) => Verify

/** Remembers the last `max` right tokens of all that share it; each counts for the `verify` alone that found it right. */
export function tokenMemory(max: number): Remember {
  const known = new Map<string, { claims: Claims; verify: Verify }>()
  return (verify) => (token) => {
    const remembered = known.get(token)
    if (remembered?.verify === verify) return remembered.claims
    const claims = verify(token)
    if (!claims) return undefined
    known.set(token, { claims, verify })
    // A map is in the order of what was added.
    if (known.size > max) known.delete(known.keys().next().value ?? '')
    return claims
  }
}

function encodedSignature(token: string): string {
  return token.slice(token.lastIndexOf('.') + 1)
}
