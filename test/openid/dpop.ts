import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { issuer } from './harness.ts'

/** A key of an app, and proofs that it has that (RFC 9449). */
export interface DpopKey {
  /** For a request to that path of the issuer. */
  proof(method: string, path: string, claims?: { nonce?: string; accessToken?: string }): string
}

export function newDpopKey(): DpopKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const header = encode({ typ: 'dpop+jwt', alg: 'ES256', jwk: publicKey.export({ format: 'jwk' }) })
  return {
    proof: (method, path, { nonce, accessToken } = {}) => {
      const ath = accessToken && createHash('sha256').update(accessToken).digest('base64url')
      const claims = {
        jti: randomUUID(),
        htm: method,
        htu: `${issuer}${path}`,
        iat: Math.floor(Date.now() / 1000),
        ...(nonce !== undefined && { nonce }),
        ...(ath !== undefined && { ath }),
      }
      const signed = `${header}.${encode(claims)}`
      const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' })
      return `${signed}.${signature.toString('base64url')}`
    },
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
