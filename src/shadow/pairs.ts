import { TOTP } from 'otpauth'
import { BoundedMap } from './bounded-map.ts'

/** What the new server calls what the old one calls otherwise. In memory alone, and the oldest are forgotten. */
export interface Pairs {
  /** The new value of an old one; `undefined` when it was never seen in two paired answers. */
  get(old: string): string | undefined
  add(old: string, fresh: string): void
  addTotp(old: string, fresh: string): void
  /** What the authenticator of the new server shows, where the old one's shows this code. */
  codeFor(code: string): string | undefined
}

/** So many values: a few hundred bytes each. */
const maxPairs = 100_000
/** Each code is tried with all of them. */
const maxTotps = 200
const stepMs = 30_000

export function createPairs(now: () => number): Pairs {
  const pairs = new BoundedMap<string, string>(maxPairs)
  const totps = new BoundedMap<string, string>(maxTotps)
  return {
    get: (old) => pairs.get(old),
    add: (old, fresh) => void pairs.set(old, fresh),
    addTotp: (old, fresh) => void totps.set(old, fresh),
    codeFor: (code) => pairs.get(code) ?? (/^\d{6}$/.test(code) ? newCode(totps, code, now()) : undefined),
  }
}

function newCode(totps: Map<string, string>, code: string, timestamp: number): string | undefined {
  // The newest first: two secrets seldom show the same.
  for (const [old, fresh] of [...totps].reverse()) {
    const steps = authenticatorOf(old)?.validate({ token: code, timestamp, window: 1 })
    if (steps === null || steps === undefined) continue
    return authenticatorOf(fresh)?.generate({ timestamp: timestamp + steps * stepMs })
  }
  return undefined
}

function authenticatorOf(secret: string): TOTP | undefined {
  try {
    return new TOTP({ secret })
  } catch {
    return undefined
  }
}
