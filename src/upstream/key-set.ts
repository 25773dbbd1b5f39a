import { z } from 'zod'
import type { Claims, SignatureAlgorithm, Verify } from '../core/sessions/jwt.ts'
import { isPlain, publishedKeyVerifier } from '../core/switching/tokens/signature.ts'
import { UpstreamTrouble } from '../core/switching/upstream.ts'
import { createExchange } from './exchange.ts'
import { createLine, type LineSettings } from './line.ts'

export interface KeySetSettings extends Pick<LineSettings, 'allowPrivate' | 'resolve' | 'ca'> {
  url: string
  /** The one by which its keys sign. */
  algorithm: SignatureAlgorithm
  timeoutMs: number
  /** Milliseconds that only go forward: `performance.now`. */
  now: () => number
}

/** Keys that an old server publishes (RFC 7517 §5). */
export interface KeySet {
  /** What a token claims that one of them has signed. Throws `UpstreamTrouble` while they cannot be had. */
  verify(token: string): Promise<Claims | undefined>
  close(): void
}

/** Each is tried with each token, as what a token says of its key is not believed. */
const maxKeys = 16
const freshMs = 10 * 60_000
/** Between two requests for them, whatever comes of these. */
const pauseMs = 30_000

const Keys = z.object({ keys: z.array(z.looseObject({ kty: z.string(), use: z.string().optional() })) })
const kinds: Record<SignatureAlgorithm, string> = {
  HS256: 'none',
  RS256: 'RSA',
  RS384: 'RSA',
  RS512: 'RSA',
  PS256: 'RSA',
  ES256: 'EC',
  ES384: 'EC',
  EdDSA: 'OKP',
}

/**
 * The keys at one address, asked for when a token is first shown that they may have signed, and then at most every thirty
 * seconds: when ten minutes have gone by, or none has signed a token. Old ones are used while new ones cannot be had.
 */
export function createKeySet(settings: KeySetSettings): KeySet {
  const { algorithm, now } = settings
  const { origin, pathname, search } = new URL(settings.url)
  const line = createLine({ ...settings, origin, connectTimeoutMs: 1_000, maxConnections: 1 })
  let known: { verifiers: Verify[]; at: number } | undefined
  let askedAt = Number.NEGATIVE_INFINITY
  let trouble = new UpstreamTrouble({ outcome: 'failed', why: 'resting' })
  let asking: Promise<void> | undefined

  const fetchKeys = async () => {
    askedAt = now()
    try {
      const { ask } = createExchange(line, { timeoutMs: settings.timeoutMs, address: undefined })
      const answer = await ask({ method: 'GET', path: `${pathname}${search}` })
      const { data } = Keys.safeParse(answer.status === 200 ? answer.json : undefined)
      if (!data) throw new UpstreamTrouble({ outcome: 'failed', why: 'unexpected', status: answer.status })
      known = { verifiers: verifiersOf(data.keys, algorithm), at: now() }
    } catch (error) {
      if (!(error instanceof UpstreamTrouble)) throw error
      trouble = error
    }
  }
  const refresh = () => {
    if (!asking && now() - askedAt < pauseMs) return undefined
    asking ??= fetchKeys().finally(() => {
      asking = undefined
    })
    return asking
  }
  const claimsOf = (token: string) => firstOf(known?.verifiers ?? [], token)

  return {
    verify: async (token) => {
      if (!isPlain(token, algorithm)) return undefined
      if (!known || now() - known.at > freshMs) await refresh()
      const claims = claimsOf(token)
      if (claims) return claims
      await refresh()
      if (!known) throw trouble
      return claimsOf(token)
    },
    close: () => line.close(),
  }
}

function firstOf(verifiers: Verify[], token: string): Claims | undefined {
  for (const verify of verifiers) {
    const claims = verify(token)
    if (claims) return claims
  }
  return undefined
}

function verifiersOf(keys: z.output<typeof Keys>['keys'], algorithm: SignatureAlgorithm): Verify[] {
  const fitting = keys.filter(({ kty, use = 'sig' }) => kty === kinds[algorithm] && use === 'sig')
  return fitting.slice(0, maxKeys).flatMap((jwk) => publishedKeyVerifier(jwk, algorithm) ?? [])
}
