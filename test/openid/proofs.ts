import { createHash } from 'node:crypto'
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, SignJWT } from 'jose'
import { issuer } from './harness.ts'

/** A key that an app proves the possession of. */
export type ProofKey = GenerateKeyPairResult

export function proofKey(algorithm = 'ES256'): Promise<ProofKey> {
  return generateKeyPair(algorithm, { extractable: true })
}

/** What a proof says, where that is not what it ought to say. */
export interface ProofClaims {
  htm?: string
  htu?: string
  /** Epoch seconds. */
  iat?: number
  jti?: string
  nonce?: string
  /** The access token that it goes with. */
  token?: string
  algorithm?: string
  typ?: string
}

let count = 0

/** A proof of possession for one request (RFC 9449 §4.2), as the certified library makes none that is wrong. */
export async function proofOf(key: ProofKey, path: string, claims: ProofClaims = {}): Promise<string> {
  const { token, algorithm = 'ES256', typ = 'dpop+jwt', ...said } = claims
  const ath = token === undefined ? undefined : createHash('sha256').update(token).digest('base64url')
  const payload = {
    htm: 'POST',
    htu: `${issuer}${path}`,
    iat: Math.floor(Date.now() / 1000),
    jti: `proof-${++count}`,
    ...(ath !== undefined && { ath }),
    ...said,
  }
  return new SignJWT(payload)
    .setProtectedHeader({ alg: algorithm, typ, jwk: await exportJWK(key.publicKey) })
    .sign(key.privateKey)
}
