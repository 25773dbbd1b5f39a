import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { createSigner } from 'fast-jwt'
import type { SigningKeyRow } from '../../store/schema.ts'
import type { Store } from '../../store/store.ts'
import { type Claims, encodedHeader, type Remember, verifierFor } from '../sessions/jwt.ts'
import { nonceBytes } from './master-key.ts'
import type { Secrets } from './secrets.ts'

/** The asymmetric keys of a realm on every node: one signs, and tokens of all that are not retired are accepted. */
export interface KeyRing {
  sign(claims: Claims): string
  /** The claims of an access token that one of these keys signed; expiry is left to the caller. */
  verify(token: string): Claims | undefined
  /** RFC 7517, public halves only. */
  readonly jwks: { keys: object[] }
  /** Reads the keys again. When that fails the ring stays as it was. */
  reload(): Promise<void>
  /**
   * Reads the keys again where a token names one that this node may have missed. Returns whether it is there now.
   * Strangers can name any, so this is done once a second in the long run.
   */
  learn(token: string): Promise<boolean>
  /** Whether a token names a key that is not one of these: it was retired, or a stranger has made it up. */
  namesAnother(token: string): boolean
}

export type KeyMaker = { store: Store; secrets: Secrets; now(): number; randomBytes(size: number): Buffer }

/**
 * Reads a realm's keys, and makes the current and the next one when they are missing. Throws `UnsealError` when they
 * were made under a master key that is not given. Rings may share what `remember`s their tokens.
 */
export async function openKeyRing(ctx: KeyMaker, remember: Remember): Promise<KeyRing> {
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
  return livingRing({ ...ctx, remember }, rows)
}

/** Reads a realm's keys and makes none; where there are none yet, the ring signs and knows nothing. */
export async function readKeyRing(ctx: KeyMaker, remember: Remember): Promise<KeyRing> {
  const rows = await ctx.store.signingKeys.list()
  return rows.length > 0 ? livingRing({ ...ctx, remember }, rows) : noKeys
}

const noKeys: KeyRing = {
  sign: () => {
    throw new Error('the realm has no signing key')
  },
  verify: () => undefined,
  jwks: { keys: [] },
  reload: async () => {},
  learn: async () => false,
  namesAnother: () => false,
}

/** A new key at that place in the sequence; `activatedAt` when it signs at once. */
export function makeKey(
  ctx: KeyMaker,
  sequence: number,
  activatedAt: number | null,
): Omit<SigningKeyRow, 'realm'> {
  const id = ctx.randomBytes(12).toString('base64url')
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  const { sealed, keyId } = ctx.secrets.seal(pem, signingKeyContext(id), ctx.randomBytes(nonceBytes))
  return {
    sequence,
    id,
    algorithm: 'ES256',
    public_jwk: JSON.stringify(publicKey.export({ format: 'jwk' })),
    private_sealed: sealed,
    sealed_under: keyId,
    created_at: ctx.now(),
    activated_at: activatedAt,
    retired_at: null,
  }
}

/** What the private half of a key is sealed for. */
export function signingKeyContext(id: string): string {
  return `signing-key ${id}`
}

function livingRing(ctx: KeyMaker & { remember: Remember }, rows: SigningKeyRow[]): KeyRing {
  let version = versionOf(rows)
  let ring = ringOf(rows, ctx)
  let reading: Promise<void> | undefined
  const mayRead = occasionally(ctx)

  const read = async () => {
    const found = await ctx.store.signingKeys.list()
    if (versionOf(found) === version) return
    ring = ringOf(found, ctx)
    version = versionOf(found)
  }
  const readOnce = () => {
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }

  return {
    sign: (claims) => ring.sign(claims),
    verify: (token) => ring.verify(token),
    get jwks() {
      return ring.jwks
    },
    // Not `readOnce`: one that runs may have read before what the caller knows to have happened.
    reload: read,
    learn: async (token) => {
      if (ring.knows(token)) return false
      if (!namesKey(token) || !(reading || mayRead())) return false
      await readOnce()
      return ring.knows(token)
    },
    namesAnother: (token) => namesKey(token) && !ring.knows(token),
  }
}

/** Returns true ten times, and after that once a second. */
function occasionally({ now }: Pick<KeyMaker, 'now'>): () => boolean {
  const max = 10
  let left = max
  let countedAt = now()
  return () => {
    const at = now()
    const regained = Math.max(0, Math.floor((at - countedAt) / 1000))
    if (regained > 0 || at < countedAt) countedAt = at
    left = Math.min(max, left + regained)
    if (left === 0) return false
    left--
    return true
  }
}

/** Whether a token says that a key of ours has signed it. */
function namesKey(token: string): boolean {
  // Most tokens that are asked about are opaque, and it takes long to fail.
  if (!token.includes('.')) return false
  try {
    const { alg, typ, kid } = JSON.parse(Buffer.from(encodedHeader(token), 'base64url').toString())
    return alg === 'ES256' && typ === 'at+jwt' && /^[\w-]{16}$/.test(kid)
  } catch {
    return false
  }
}

/** Changes with the keys, and not when they are resealed. */
function versionOf(rows: SigningKeyRow[]): string {
  return usable(rows)
    .map(({ id, activated_at }) => `${id} ${activated_at}`)
    .join()
}

function usable(rows: SigningKeyRow[]): SigningKeyRow[] {
  return rows.filter((row) => row.retired_at === null)
}

/** The key that signs. */
export function currentKey(rows: SigningKeyRow[]): SigningKeyRow | undefined {
  return usable(rows).findLast((row) => row.activated_at !== null)
}

/** Access tokens whose signature need not be checked again, of all realms together. */
export const rememberedTokens = 5000

function ringOf(rows: SigningKeyRow[], { secrets, remember }: { secrets: Secrets; remember: Remember }) {
  const pairs = usable(rows).map((row) => {
    const pem = secrets.unseal(row.private_sealed, signingKeyContext(row.id))
    const sign: (claims: Claims) => string = createSigner({
      key: pem,
      algorithm: 'ES256',
      header: { alg: 'ES256', typ: 'at+jwt', kid: row.id },
    })
    const publicPem = createPublicKey(pem).export({ format: 'pem', type: 'spki' }).toString()
    return { row, sign, verify: verifierFor(sign, { key: publicPem, algorithm: 'ES256' }) }
  })
  const byHeader = new Map(pairs.map(({ sign, verify }) => [encodedHeader(sign({})), verify]))
  const signing = currentKey(rows)
  const current = pairs.find(({ row }) => row === signing)
  if (!current) throw new Error('the realm has no signing key')

  return {
    sign: current.sign,
    verify: remember((token) => byHeader.get(encodedHeader(token))?.(token)),
    knows: (token: string) => byHeader.has(encodedHeader(token)),
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
