import { createHash, createHmac, createPublicKey, type JsonWebKey, verify } from 'node:crypto'

/** Sample secrets, by which documents sign the keys that they show: of Supabase's CLI, its Docker set-up, GoTrue and PostgREST. */
const secrets = [
  'super-secret-jwt-token-with-at-least-32-characters-long',
  'your-super-secret-jwt-token-with-at-least-32-characters-long',
  'CHANGE-THIS! VERY IMPORTANT!',
  'reallyreallyreallyreallyverysafe',
]

/** The public half of the key that every Supabase CLI signs with; its code has the other half. */
const signingKey: JsonWebKey = {
  kty: 'EC',
  crv: 'P-256',
  x: 'M5Sjqn5zwC9Kl1zVfUUGvv9boQjCGd45G8sdopBExB4',
  y: 'P6IXMvA2WYXSHSOMTBH2jsw_9rrzGy89FjPf6oOsIxQ',
}

/** The SHA-256 of the secret API key of every Supabase CLI. */
const apiKeyDigest = 'c85debb55f2f204d868cc1552c42faa143b4c675f61363ab040dd50b5b5304cd'

/** Whether everybody has this service key, or can make it: a token (RFC 7515 §7.1) that is signed with what is published. */
export function isPublishedKey(key: string): boolean {
  const [header = '', claims = '', signed, ...others] = key.split('.')
  if (signed === undefined || others.length > 0)
    return createHash('sha256').update(key).digest('hex') === apiKeyDigest
  const text = Buffer.from(`${header}.${claims}`)
  const signature = Buffer.from(signed, 'base64url')
  if (secrets.some((secret) => createHmac('sha256', secret).update(text).digest().equals(signature)))
    return true
  const publicKey = createPublicKey({ key: signingKey, format: 'jwk' })
  return verify('sha256', text, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)
}

/** Whether everybody has the other half of a public key. */
export function isPublishedPair({ x, y }: JsonWebKey): boolean {
  return x === signingKey.x && y === signingKey.y
}
