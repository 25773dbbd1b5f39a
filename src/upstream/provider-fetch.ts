import type { CustomFetch } from 'openid-client'
import { UpstreamTrouble } from '../core/switching/upstream.ts'
import { isLoopback } from '../lib/ip.ts'
import { hostOf } from '../lib/outward-request.ts'
import type { Breaker } from './breaker.ts'
import { createLine, type Line, type LineSettings } from './line.ts'

/** A provider may have its token endpoint, its keys and its user information elsewhere than its issuer. */
const maxOrigins = 8
const connectTimeoutMs = 2_000
const timeoutMs = 5_000

/** What a provider is asked through. */
export interface ProviderFetch {
  fetch: CustomFetch
  close(): void
}

/**
 * Requests to where the discovery document of a provider leads: https to public addresses, as `createLine` has it, and to
 * this machine itself only where the provider is there. Throws `UpstreamTrouble` alone, also for answers that say that the
 * provider is out of order, and while it is left alone for that.
 */
export function createProviderFetch(
  issuer: string,
  { breaker, ...settings }: Pick<LineSettings, 'allowPrivate' | 'resolve' | 'ca'> & { breaker: Breaker },
): ProviderFetch {
  const lines = new Map<string, Line>()
  const isHere = isLoopback(hostOf(new URL(issuer)))
  const lineTo = (url: URL): Line => {
    const known = lines.get(url.origin)
    if (known) return known
    if (lines.size >= maxOrigins || isLoopback(hostOf(url)) !== isHere) throw forbidden()
    const line = openLine(url.origin, settings)
    lines.set(url.origin, line)
    return line
  }
  const ask: CustomFetch = async (address, { method, headers, body, signal }) => {
    const url = new URL(address)
    const path = `${url.pathname}${url.search}`
    const sent = { method, path, headers, ...(body != null && { body: `${body}` }) }
    const { status, ...received } = await lineTo(url).send(sent, signal ?? AbortSignal.timeout(timeoutMs))
    if (status >= 500 || status === 429)
      throw new UpstreamTrouble({ outcome: 'failed', why: 'unexpected', status })
    const isEmpty = status === 204 || status === 304
    return new Response(isEmpty ? null : new Uint8Array(received.body), {
      status,
      headers: Object.entries(received.headers).flatMap(([name, value]): [string, string][] =>
        value === undefined ? [] : [[name, String(value)]],
      ),
    })
  }
  return {
    fetch: async (...request) => {
      const ended = breaker.begin()
      if (!ended) throw new UpstreamTrouble({ outcome: 'failed', why: 'resting' })
      try {
        const response = await ask(...request)
        ended({ isAlive: true })
        return response
      } catch (error) {
        ended({ isAlive: false, household: undefined })
        throw error
      }
    },
    close: () => {
      for (const line of lines.values()) line.close()
    },
  }
}

function openLine(origin: string, settings: Pick<LineSettings, 'allowPrivate' | 'resolve' | 'ca'>): Line {
  try {
    return createLine({ ...settings, origin, connectTimeoutMs, maxConnections: 20 })
  } catch {
    throw forbidden()
  }
}

function forbidden(): UpstreamTrouble {
  return new UpstreamTrouble({ outcome: 'failed', why: 'forbidden_address' })
}
