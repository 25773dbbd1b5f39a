import { createPrivateKey, createPublicKey } from 'node:crypto'
import { createSigner } from 'fast-jwt'
import type { SigningAlgorithm, SigningKeyRow } from '../../store/schema.ts'
import { type Claims, encodedHeader, type Remember, verifierFor } from '../sessions/jwt.ts'
import type { Secrets } from './secrets.ts'
import {
  appendKeys,
  currentKey,
  despiteChanges,
  type KeyMaker,
  makeKey,
  signingAlgorithms,
  signingKeyContext,
  usable,
} from './signing-keys.ts'

/** The asymmetric keys of a realm on every node: one of each algorithm signs, and all are good that are not retired. */
export interface KeyRing {
  /** An access token of a door: by the current ES256 key, of the type `at+jwt`. */
  sign(claims: Claims): string
  /** The claims of an access token that one of these keys signed; expiry is left to the caller. */
  verify(token: string): Claims | undefined
  /** A token that is no access token: of the type that the caller gives, by the current key of the algorithm. */
  signJwt(algorithm: SigningAlgorithm, header: { typ: string }, claims: Claims & { iat: number }): string
  /** RFC 7517, public halves only. */
  readonly jwks: { keys: object[] }
  /** With the private halves: the key that signs with each algorithm, then those that have signed before. */
  privateJwks(): object[]
  /** Changes with the keys. */
  readonly version: string
  /**
   * Has every algorithm of the realm sign, and makes what is missing, of any number of nodes once. A start leaves out what
   * OpenID Connect alone needs, as pairs for RS256 take long.
   */
  complete(): Promise<void>
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

/**
 * Reads a realm's keys, and makes the current and the next one that access tokens need where they are missing. Throws
 * `UnsealError` when they were made under a master key that is not given. Rings may share what `remember`s their tokens.
 */
export async function openKeyRing(ctx: KeyMaker, remember: Remember): Promise<KeyRing> {
  return livingRing({ ...ctx, remember }, await readOrMake(ctx, ['ES256']))
}

function readOrMake(ctx: KeyMaker, algorithms: SigningAlgorithm[]): Promise<SigningKeyRow[]> {
  return despiteChanges(() => attemptToReadOrMake(ctx, algorithms))
}

async function attemptToReadOrMake(ctx: KeyMaker, algorithms: SigningAlgorithm[]): Promise<SigningKeyRow[]> {
  const rows = await ctx.store.signingKeys.list()
  const missing = missingOf(algorithms, rows)
  if (missing.length === 0) return rows
  const made = await Promise.all(
    missing.flatMap((algorithm) => [makeKey(ctx, algorithm, ctx.now()), makeKey(ctx, algorithm, null)]),
  )
  // All at once: a node that starts meanwhile must not find one alone.
  await ctx.store.transaction((store) => appendKeys({ store }, rows, made))
  return ctx.store.signingKeys.list()
}

/** Those of the algorithms that no key signs with. */
function missingOf(algorithms: SigningAlgorithm[], rows: SigningKeyRow[]): SigningAlgorithm[] {
  return algorithms.filter((algorithm) => !currentKey(rows, algorithm))
}

/** Reads a realm's keys and makes none; where there are none yet, the ring signs and knows nothing. */
export async function readKeyRing(ctx: KeyMaker, remember: Remember): Promise<KeyRing> {
  const rows = await ctx.store.signingKeys.list()
  return rows.length > 0 ? livingRing({ ...ctx, remember }, rows) : noKeys
}

function refuseToSign(): never {
  throw new Error('the realm has no such signing key')
}

const noKeys: KeyRing = {
  sign: refuseToSign,
  verify: () => undefined,
  signJwt: refuseToSign,
  jwks: { keys: [] },
  privateJwks: () => [],
  version: '',
  complete: async () => {},
  reload: async () => {},
  learn: async () => false,
  namesAnother: () => false,
}

function livingRing(ctx: KeyMaker & { remember: Remember }, rows: SigningKeyRow[]): KeyRing {
  const algorithms = signingAlgorithms(ctx.realm)
  let known = rows
  let version = versionOf(rows)
  let ring = ringOf(rows, ctx)
  let reading: Promise<void> | undefined
  let making: Promise<void> | undefined
  const mayRead = occasionally(ctx)

  const use = (found: SigningKeyRow[]) => {
    if (versionOf(found) === version) return
    ring = ringOf(found, ctx)
    known = found
    version = versionOf(found)
  }
  const read = async () => use(await ctx.store.signingKeys.list())
  const readOnce = () => {
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }

  return {
    sign: (claims) => ring().sign(claims),
    verify: (token) => ring().verify(token),
    signJwt: (...token) => ring().signJwt(...token),
    get jwks() {
      return ring().jwks
    },
    privateJwks: () => ring().privateJwks(),
    get version() {
      return version
    },
    complete: async () => {
      if (missingOf(algorithms, known).length === 0) return
      making ??= readOrMake(ctx, algorithms)
        .then(use)
        .finally(() => {
          making = undefined
        })
      await making
    },
    // Not `readOnce`: one that runs may have read before what the caller knows to have happened.
    reload: read,
    learn: async (token) => {
      if (ring().knows(token)) return false
      if (!namesKey(token) || !(reading || mayRead())) return false
      await readOnce()
      return ring().knows(token)
    },
    namesAnother: (token) => namesKey(token) && !ring().knows(token),
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

/** Whether a token says that it is an access token which a key of ours has signed. */
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

/** Access tokens whose signature need not be checked again, of all realms together. */
export const rememberedTokens = 5000

/** A key that can be used, and its private half. */
interface OpenKey {
  row: SigningKeyRow
  pem: string
}

type Ring = ReturnType<typeof openedRing>

/** Unseals the keys at once, and opens them when they are first asked for: there may be hundreds of realms. */
function ringOf(
  rows: SigningKeyRow[],
  { secrets, remember }: { secrets: Secrets; remember: Remember },
): () => Ring {
  const keys = usable(rows).map((row) => ({
    row,
    pem: secrets.unseal(row.private_sealed, signingKeyContext(row.id)),
  }))
  let opened: Ring | undefined
  return () => {
    opened ??= openedRing(rows, keys, remember)
    return opened
  }
}

function openedRing(rows: SigningKeyRow[], keys: OpenKey[], remember: Remember) {
  const currentOf = (algorithm: SigningAlgorithm) => {
    const current = currentKey(rows, algorithm)
    return keys.find(({ row }) => row === current) ?? refuseToSign()
  }
  const pairs = keys.filter(({ row }) => row.algorithm === 'ES256').map(accessTokensBy)
  const byHeader = new Map(pairs.map(({ sign, verify }) => [encodedHeader(sign({})), verify]))
  const signing = currentOf('ES256')

  return {
    sign: pairs.find(({ key }) => key === signing)?.sign ?? refuseToSign,
    verify: remember((token) => byHeader.get(encodedHeader(token))?.(token)),
    knows: (token: string) => byHeader.has(encodedHeader(token)),
    signJwt: (...[algorithm, { typ }, claims]: Parameters<KeyRing['signJwt']>): string => {
      const { row, pem } = currentOf(algorithm)
      const sign = createSigner({
        key: pem,
        algorithm,
        header: { alg: algorithm, typ, kid: row.id },
      })
      return sign(claims)
    },
    jwks: { keys: keys.map(({ row }) => ({ ...JSON.parse(row.public_jwk), ...named(row) })) },
    privateJwks: () => {
      const signs = (row: SigningKeyRow) => row === currentKey(rows, row.algorithm)
      return keys
        .filter(({ row }) => row.activated_at !== null)
        .sort((one, other) => Number(signs(other.row)) - Number(signs(one.row)))
        .map(({ row, pem }) => ({ ...createPrivateKey(pem).export({ format: 'jwk' }), ...named(row) }))
    },
  }
}

/** How a JWK says what it is (RFC 7517 §4). */
function named({ id, algorithm }: SigningKeyRow): { kid: string; use: string; alg: string } {
  return { kid: id, use: 'sig', alg: algorithm }
}

/** How a key signs the access tokens of the doors, and knows its own. */
function accessTokensBy(key: OpenKey) {
  const sign: (claims: Claims) => string = createSigner({
    key: key.pem,
    algorithm: 'ES256',
    header: { alg: 'ES256', typ: 'at+jwt', kid: key.row.id },
  })
  const publicPem = createPublicKey(key.pem).export({ format: 'pem', type: 'spki' }).toString()
  return { key, sign, verify: verifierFor(sign, { key: publicPem, algorithm: 'ES256' }) }
}
