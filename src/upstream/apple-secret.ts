import { createPrivateKey, sign } from 'node:crypto'
import type { ProviderCredentials } from '../core/identities/settings.ts'

/** Apple takes no more than six months; each request is given a new one. */
const lifetimeSeconds = 5 * 60

/** The client secret of an app at Apple: a JWT that the key of its team has signed. `now` is in epoch milliseconds. */
export function appleSecret(
  { teamId, keyId, privateKey }: Extract<ProviderCredentials, { kind: 'apple' }>,
  { clientId, audience, now }: { clientId: string; audience: string; now: number },
): string {
  const issuedAt = Math.floor(now / 1000)
  const header = { alg: 'ES256', kid: keyId }
  const claims = { iss: teamId, sub: clientId, aud: audience, iat: issuedAt, exp: issuedAt + lifetimeSeconds }
  const signed = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const key = { key: createPrivateKey(privateKey), dsaEncoding: 'ieee-p1363' } as const
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`
}
