import type { UpstreamFailure } from '../core/switching/upstream.ts'
import { UpstreamTrouble } from '../core/switching/upstream.ts'

const tlsCode = /^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH$)/

/**
 * An error of a connection in our words: Node's messages may hold addresses and bytes of the answer, so nothing of them
 * is kept, and they are no cause.
 */
export function troubleOf(error: unknown, signal: AbortSignal): UpstreamTrouble {
  if (error instanceof UpstreamTrouble) return error
  if (signal.aborted) return new UpstreamTrouble({ outcome: 'failed', why: 'timed_out' })
  const { code } = error as { code?: unknown }
  return new UpstreamTrouble({
    outcome: 'failed',
    why: typeof code === 'string' ? failureOf(code) : 'unreachable',
  })
}

function failureOf(code: string): UpstreamFailure {
  if (code === 'FORBIDDEN_ADDRESS') return 'forbidden_address'
  if (tlsCode.test(code)) return 'insecure'
  if (code === 'HPE_HEADER_OVERFLOW') return 'too_large'
  if (code.startsWith('HPE_')) return 'unreadable'
  // Of a token or cookie that it has given itself.
  if (code === 'ERR_INVALID_CHAR') return 'unexpected'
  // Also amid TLS, where what was asked is not known there yet.
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'broken_off'
  return 'unreachable'
}
