import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  timingSafeEqual,
} from 'node:crypto'
import { createSigner, createVerifier } from 'fast-jwt'
import type { SigningKeyRow } from '../store/schema.ts'
import type { Store } from '../store/store.ts'

export type Claims = Record<string, unknown>

/** What is derived from the master key. The master key itself is kept nowhere. */
export interface Secrets {
  /** HMAC-SHA256 of a message, under a key that serves one purpose. */
  mac(purpose: MacPurpose, message: Buffer | string): Buffer
  /** Whether a MAC is right, in constant time. */
  verifyMac(purpose: MacPurpose, message: Buffer | string, mac: Buffer): boolean
  signRefreshJwt(claims: Claims): string
  /** The claims of a refresh token that this server signed; expiry is left to the caller. */
  verifyRefreshJwt(token: string): Claims | undefined
  /** AES-256-GCM; `context` is bound to the text and must be given again to open it. */
  seal(plain: string, context: string, nonce: Buffer): string
  /** Throws `UnsealError` when the text was not sealed with this key and context. */
  unseal(sealed: string, context: string): string
}

/** Something was sealed with another master key or for another purpose, or was damaged since. */
export class UnsealError extends Error {}

export type MacPurpose = 'refresh-token' | 'recovery-code' | 'short-code' | 'limit-key' | 'form'

const masterKeyBytes = 32
const nonceBytes = 12
const tagBytes = 16

/** Derives every symmetric key (HKDF-SHA256, RFC 5869) from the 32 bytes of the master key. */
export function deriveSecrets(masterKey: Buffer): Secrets {
  if (masterKey.length !== masterKeyBytes) throw new Error(`the master key must be ${masterKeyBytes} bytes`)
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', masterKey, '', `manydoors ${purpose}`, 32))
  const macKeys: Record<MacPurpose, Buffer> = {
    'refresh-token': derive('refresh-token'),
    'recovery-code': derive('recovery-code'),
    'short-code': derive('short-code'),
    'limit-key': derive('limit-key'),
    form: derive('form'),
  }
  const sealKey = derive('seal')
  const refreshJwtKey = derive('refresh-jwt')

  const mac = (purpose: MacPurpose, message: Buffer | string) =>
    createHmac('sha256', macKeys[purpose]).update(message).digest()
  const signRefreshJwt = createSigner({
    key: refreshJwtKey,
    algorithm: 'HS256',
    header: { alg: 'HS256', typ: 'refresh+jwt' },
  })

  return {
    mac,
    verifyMac: (purpose, message, given) => {
      const right = mac(purpose, message)
      return right.length === given.length && timingSafeEqual(right, given)
    },
    signRefreshJwt,
    verifyRefreshJwt: verifierFor(signRefreshJwt, { key: refreshJwtKey, algorithm: 'HS256' }),
    seal(plain, context, nonce) {
      const cipher = createCipheriv('aes-256-gcm', sealKey, nonce).setAAD(Buffer.from(context))
      return Buffer.concat([
        nonce,
        cipher.update(plain, 'utf8'),
        cipher.final(),
        cipher.getAuthTag(),
      ]).toString('base64url')
    },
    unseal(sealed, context) {
      const bytes = Buffer.from(sealed, 'base64url')
      try {
        const decipher = createDecipheriv('aes-256-gcm', sealKey, bytes.subarray(0, nonceBytes))
          .setAAD(Buffer.from(context))
          .setAuthTag(bytes.subarray(-tagBytes))
        return (
          decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8')
        )
      } catch (error) {
        throw new UnsealError(`what was sealed for ${context} cannot be opened`, { cause: error })
      }
    },
  }
}

/** The asymmetric keys of a realm: one signs, and tokens of all that are not retired are accepted. */
export interface KeyRing {
  sign(claims: Claims): string
  /** The claims of an access token that one of these keys signed; expiry is left to the caller. */
  verify(token: string): Claims | undefined
  /** RFC 7517, public halves only. */
  jwks: { keys: object[] }
}

type KeyMaker = { store: Store; secrets: Secrets; now(): number; randomBytes(size: number): Buffer }

/**
 * Reads a realm's keys, and makes the current and the next one when they are missing. Throws `UnsealError` when they
 * were made under another master key.
 */
export async function openKeyRing(ctx: KeyMaker): Promise<KeyRing> {
  let rows = await ctx.store.signingKeys.list()
  if (rows.length === 0) {
    const keys = [makeKey(ctx, 1, ctx.now()), makeKey(ctx, 2, null)]
    // Both at once: a node that starts meanwhile must not find one alone.
    await ctx.store.transaction(async (store) => {
      for (const key of keys) await store.signingKeys.add(key)
    })
    // Read again: another node may have been quicker, and then its keys are the ones.
    rows = await ctx.store.signingKeys.list()
  }
  return keyRing(rows, ctx.secrets)
}

function makeKey(ctx: KeyMaker, sequence: number, activatedAt: number | null): Omit<SigningKeyRow, 'realm'> {
  const id = ctx.randomBytes(12).toString('base64url')
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    sequence,
    id,
    algorithm: 'ES256',
    public_jwk: JSON.stringify(publicKey.export({ format: 'jwk' })),
    private_sealed: ctx.secrets.seal(
      privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
      `signing-key ${id}`,
      ctx.randomBytes(nonceBytes),
    ),
    created_at: ctx.now(),
    activated_at: activatedAt,
    retired_at: null,
  }
}

function keyRing(rows: SigningKeyRow[], secrets: Secrets): KeyRing {
  const usable = rows.filter((row) => row.retired_at === null)
  const pairs = usable.map((row) => {
    const pem = secrets.unseal(row.private_sealed, `signing-key ${row.id}`)
    const sign: (claims: Claims) => string = createSigner({
      key: pem,
      algorithm: 'ES256',
      header: { alg: 'ES256', typ: 'at+jwt', kid: row.id },
    })
    const publicPem = createPublicKey(pem).export({ format: 'pem', type: 'spki' }).toString()
    return { row, sign, verify: verifierFor(sign, { key: publicPem, algorithm: 'ES256' }) }
  })
  const byHeader = new Map(pairs.map(({ sign, verify }) => [encodedHeader(sign({})), verify]))
  const current = pairs.findLast(({ row }) => row.activated_at !== null)
  if (!current) throw new Error('the realm has no signing key')

  return {
    sign: current.sign,
    verify: (token) => byHeader.get(encodedHeader(token))?.(token),
    jwks: {
      keys: pairs.map(({ row }) => ({
        ...JSON.parse(row.public_jwk),
        kid: row.id,
        use: 'sig',
        alg: row.algorithm,
      })),
    },
  }
}

/** A token's first part. Ours is always the same text for a key, so it names the key, the algorithm and the type. */
function encodedHeader(token: string): string {
  return token.slice(0, token.indexOf('.'))
}

/** Accepts what `sign` made and nothing else: same header to the letter, one algorithm, a signature that holds. */
function verifierFor(
  sign: (claims: Claims) => string,
  { key, algorithm }: { key: string | Buffer; algorithm: 'ES256' | 'HS256' },
): (token: string) => Claims | undefined {
  const header = encodedHeader(sign({}))
  // The clock is the caller's, so times are compared there.
  const verify = createVerifier({
    key,
    algorithms: [algorithm],
    ignoreExpiration: true,
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
