import {
  createHmac,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  hkdfSync,
  type JsonWebKey,
  randomBytes,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** A row, as both databases give it. */
export type Row = Record<string, string | number | null> | undefined

// The same proofs as Manydoors': its HMAC under its derived key, its signature, checked once a token.
const masterKey = Buffer.from(String(process.env.MANYDOORS_SECRET), 'base64')
const macKey = createSecretKey(Buffer.from(hkdfSync('sha256', masterKey, '', 'manydoors refresh-token', 32)))
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const header = Buffer.from(
  JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: 'floor-of-the-benchmark' }),
).toString('base64url')

const mac = (body: Buffer) =>
  createHmac('sha256', macKey)
    .update(Buffer.concat([Buffer.from('main\0minbil\0'), body]))
    .digest()

export function readRefreshToken(token: string) {
  const bytes = Buffer.from(token, 'base64url')
  const body = bytes.subarray(0, 21)
  if (!timingSafeEqual(mac(body), bytes.subarray(21))) throw new Error('forged')
  const hex = body.toString('hex', 1, 17)
  const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  return { id, generation: body.readUInt32BE(17) }
}

export function refreshToken(id: string, generation: number): string {
  const body = Buffer.alloc(21)
  body.writeUInt8(1, 0)
  body.write(id.replaceAll('-', ''), 1, 'hex')
  body.writeUInt32BE(generation, 17)
  return Buffer.concat([body, mac(body)]).toString('base64url')
}

export function accessToken(session: NonNullable<Row>, now: number): string {
  const claims = {
    iss: 'http://localhost:5000',
    aud: 'minbil',
    sub: session.account_id,
    client_id: session.client_id,
    azp: session.client_id,
    sid: session.id,
    gen: session.generation,
    jti: randomBytes(16).toString('base64url'),
    iat: now,
    exp: now + 3600,
  }
  const text = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
  const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return `${text}.${signature.toString('base64url')}`
}

const verified = new Map<string, { sid: string; exp: number }>()

/** What an access token says. Throws when it is not right. */
export function readAccessToken(request: IncomingMessage, jwkOf: (id: string) => JsonWebKey | undefined) {
  const token = String(request.headers.authorization).slice('Bearer '.length)
  const known = verified.get(token)
  if (known && known.exp * 1000 > Date.now()) return known
  const [head = '', claims = '', signature = ''] = token.split('.')
  const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString())
  const jwk = jwkOf(kid)
  const key = jwk && createPublicKey({ key: jwk, format: 'jwk' })
  const isRight =
    key &&
    verify(
      'sha256',
      Buffer.from(`${head}.${claims}`),
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    )
  if (!isRight) throw new Error('forged')
  const read = JSON.parse(Buffer.from(claims, 'base64url').toString())
  verified.set(token, read)
  return read as { sid: string; exp: number }
}
