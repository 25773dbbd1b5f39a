import { generateKeyPair, type KeyObject } from 'node:crypto'
import type { SigningAlgorithm, SigningKeyRow } from '../../store/schema.ts'
import type { Store } from '../../store/store.ts'
import { nonceBytes } from './master-key.ts'
import type { Secrets } from './secrets.ts'

export interface KeyMaker {
  /** Whether it has OpenID Connect. */
  realm: { openid?: object }
  store: Store
  secrets: Secrets
  now(): number
  randomBytes(size: number): Buffer
}

/** A key that has no place in the sequence yet. */
export type NewKey = Omit<SigningKeyRow, 'realm' | 'sequence'>

/** What a realm signs with: RS256 is what clients of OpenID Connect expect that say nothing. */
export function signingAlgorithms({ openid }: KeyMaker['realm']): SigningAlgorithm[] {
  return openid ? ['ES256', 'RS256'] : ['ES256']
}

/** ES256, and those others of a realm's algorithms that keys have been made of. */
export function algorithmsInUse(realm: KeyMaker['realm'], rows: SigningKeyRow[]): SigningAlgorithm[] {
  return signingAlgorithms(realm).filter(
    (algorithm) => algorithm === 'ES256' || rows.some((row) => row.algorithm === algorithm),
  )
}

/** A new key; `activatedAt` when it signs at once. */
export async function makeKey(
  ctx: KeyMaker,
  algorithm: SigningAlgorithm,
  activatedAt: number | null,
): Promise<NewKey> {
  const { privateKey, publicKey } = await makePair(algorithm)
  const id = ctx.randomBytes(12).toString('base64url')
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  const { sealed, keyId } = ctx.secrets.seal(pem, signingKeyContext(id), ctx.randomBytes(nonceBytes))
  return {
    id,
    algorithm,
    public_jwk: JSON.stringify(publicKey.export({ format: 'jwk' })),
    private_sealed: sealed,
    sealed_under: keyId,
    created_at: ctx.now(),
    activated_at: activatedAt,
    retired_at: null,
  }
}

interface KeyPair {
  privateKey: KeyObject
  publicKey: KeyObject
}

/** Beside the event loop: a pair for RS256 takes a tenth of a second, and at times a whole one. */
function makePair(algorithm: SigningAlgorithm): Promise<KeyPair> {
  return new Promise((resolve, reject) => {
    const settle = (error: Error | null, publicKey: KeyObject, privateKey: KeyObject) =>
      error ? reject(error) : resolve({ publicKey, privateKey })
    if (algorithm === 'ES256') generateKeyPair('ec', { namedCurve: 'P-256' }, settle)
    else generateKeyPair('rsa', { modulusLength: 2048 }, settle)
  })
}

/** What the private half of a key is sealed for. */
export function signingKeyContext(id: string): string {
  return `signing-key ${id}`
}

/** Those that have not been retired. */
export function usable(rows: SigningKeyRow[]): SigningKeyRow[] {
  return rows.filter((row) => row.retired_at === null)
}

/** The key that signs with an algorithm. */
export function currentKey(rows: SigningKeyRow[], algorithm: SigningAlgorithm): SigningKeyRow | undefined {
  return usable(rows).findLast((row) => row.algorithm === algorithm && row.activated_at !== null)
}

/** The keys have changed in between: what this is thrown out of has to be undone. */
export class KeysChanged extends Error {}

/** Adds keys at the end of a sequence that was read so. Throws `KeysChanged` where it goes on by now. */
export async function appendKeys(
  { store }: Pick<KeyMaker, 'store'>,
  known: SigningKeyRow[],
  keys: NewKey[],
): Promise<void> {
  let sequence = known.at(-1)?.sequence ?? 0
  for (const key of keys) {
    sequence++
    if (!(await store.signingKeys.add({ ...key, sequence }))) throw new KeysChanged()
  }
}

/** Attempts of one caller, who loses to another one each time. */
const maxAttempts = 10

/** Does again, from the beginning, what the change of keys by somebody else has undone. */
export async function despiteChanges<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof KeysChanged) || attempt === maxAttempts) throw error
    }
  }
}
