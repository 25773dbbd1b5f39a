import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Claims } from '../sessions/jwt.ts'
import {
  deriveMasterKey,
  type MacPurpose,
  type MasterKey,
  type RetainedKeys,
  UnsealError,
} from './master-key.ts'

/** The master keys as they are configured, 32 bytes each. */
export interface MasterKeys {
  /** Everything new is made under it. */
  primary: Buffer
  /** Will be the primary one; other nodes may use it by now. */
  next: Buffer[]
  /** Were the primary one, the newest first; what is sealed under them is resealed. */
  previous: Buffer[]
}

/** What is sealed, together with the id of the master key that did it. */
interface Sealed {
  sealed: string
  keyId: string
}

/** What is derived from the master keys. New things are made under the primary one, those of all are accepted. */
export interface Secrets {
  /** Ids of the master keys. */
  primaryId: string
  nextIds: string[]
  previousIds: string[]
  /** What will be needed of the previous master keys when they are gone. */
  retired: RetiredMasterKey[]
  /** HMAC-SHA256 of a message, under a key that serves one purpose: that of the named master key while it is held. */
  mac(purpose: MacPurpose, message: Buffer | string, keyId?: string): Buffer
  /** The MACs under every key that may have been used, that of the primary master key first: to look something up. */
  macs(purpose: MacPurpose, message: Buffer | string): Buffer[]
  /** The MAC under the oldest master key, which nodes agree on while they are being given a new one. */
  steadyMac(purpose: MacPurpose, message: Buffer | string): Buffer
  /** The id of the master key under which a MAC is right, each compared in constant time. */
  verifyMac(purpose: MacPurpose, message: Buffer | string, mac: Buffer): string | undefined
  /** Under the named master key while it is held, else the primary one. */
  signRefreshJwt(claims: Claims, keyId?: string): string
  /** The claims of a refresh token that this server signed, and under which master key; expiry is left to the caller. */
  verifyRefreshJwt(token: string): { claims: Claims; keyId: string } | undefined
  /** AES-256-GCM; `context` is bound to the text and must be given again to open it. */
  seal(plain: string, context: string, nonce: Buffer): Sealed
  /** Opens what any of the master keys has sealed. Throws `UnsealError` when none has, or for another context. */
  unseal(sealed: string, context: string): string
}

/** What is left of a master key that may be gone. */
export interface RetiredMasterKey {
  /** The id of the master key. */
  id: string
  keys: RetainedKeys
}

/** Derives every symmetric key. What was hashed under `retired` master keys is found too. */
export function deriveSecrets(masterKeys: MasterKeys, retired: RetiredMasterKey[] = []): Secrets {
  const primary = deriveMasterKey(masterKeys.primary)
  const known = new Map([[primary.id, primary]])
  const derive = (keys: Buffer[]) =>
    keys.flatMap((bytes) => {
      const key = deriveMasterKey(bytes)
      // One that is named twice counts where it is named first.
      if (known.has(key.id)) return []
      known.set(key.id, key)
      return [key]
    })
  const next = derive(masterKeys.next)
  const previous = derive(masterKeys.previous)
  const all = [primary, ...next, ...previous]
  const named = (id: string | undefined) => known.get(id ?? primary.id) ?? primary
  const left = retired.filter(({ id }) => !known.has(id))

  return {
    primaryId: primary.id,
    nextIds: next.map(({ id }) => id),
    previousIds: previous.map(({ id }) => id),
    retired: previous.map(({ id, retainedKeys }) => ({ id, keys: retainedKeys })),
    mac: (purpose, message, keyId) => named(keyId).mac(purpose, message),
    macs: (purpose, message) => [
      ...all.map((key) => key.mac(purpose, message)),
      ...left.flatMap(({ keys }) =>
        purpose in keys ? [hmac(keys[purpose as keyof RetainedKeys], message)] : [],
      ),
    ],
    steadyMac: (purpose, message) => (previous.at(-1) ?? primary).mac(purpose, message),
    verifyMac: (purpose, message, given) =>
      all.find((key) => {
        const right = key.mac(purpose, message)
        return right.length === given.length && timingSafeEqual(right, given)
      })?.id,
    signRefreshJwt: (claims, keyId) => named(keyId).signRefreshJwt(claims),
    verifyRefreshJwt: (token) => {
      for (const key of all) {
        const claims = key.verifyRefreshJwt(token)
        if (claims) return { claims, keyId: key.id }
      }
    },
    seal: (plain, context, nonce) => ({
      sealed: primary.seal(plain, context, nonce),
      keyId: primary.id,
    }),
    unseal: (sealed, context) => unsealWith(all, sealed, context),
  }
}

function hmac(key: Buffer, message: Buffer | string): Buffer {
  return createHmac('sha256', key).update(message).digest()
}

function unsealWith(keys: MasterKey[], sealed: string, context: string): string {
  const failures: UnsealError[] = []
  for (const key of keys) {
    try {
      return key.unseal(sealed, context)
    } catch (error) {
      if (!(error instanceof UnsealError)) throw error
      failures.push(error)
    }
  }
  throw failures[0] ?? new UnsealError(`there is no key for what was sealed for ${context}`)
}
