import { createVerifier } from 'fast-jwt'

export type Claims = Record<string, unknown>

/** A token's first part. Ours is always the same text for a key, so it names the key, the algorithm and the type. */
export function encodedHeader(token: string): string {
  return token.slice(0, token.indexOf('.'))
}

/**
 * Accepts what `sign` made and nothing else: same header to the letter, one algorithm, a signature that holds. Times
 * are not compared: the clock is the caller's. Of as many tokens as `cache` says it is kept that they were right.
 */
export function verifierFor(
  sign: (claims: Claims) => string,
  { key, algorithm, cache = 0 }: { key: string | Buffer; algorithm: 'ES256' | 'HS256'; cache?: number },
): (token: string) => Claims | undefined {
  const header = encodedHeader(sign({}))
  const verify = createVerifier({
    key,
    algorithms: [algorithm],
    ignoreExpiration: true,
    cache,
    ignoreNotBefore: true,
  })
  return (token) => {
    if (encodedHeader(token) !== header || !hasCanonicalSignature(token)) return undefined
    try {
      return verify(token)
    } catch {
      return undefined
    }
  }
}

/** Whether the signature is written in the only way that RFC 4648 §3.5 has for it: a token has no second spelling. */
function hasCanonicalSignature(token: string): boolean {
  const signature = token.slice(token.lastIndexOf('.') + 1)
  return Buffer.from(signature, 'base64url').toString('base64url') === signature
}
