import { performance } from 'node:perf_hooks'
import type { OldTokensConfig } from '../config/sections/old-tokens.ts'
import type { SwitchingConfig } from '../config/sections/switching.ts'
import type { DoorsOldTokens } from '../core/switching/tokens/old-tokens.ts'
import { signatureVerifier } from '../core/switching/tokens/signature.ts'
import { createKeySet } from '../upstream/key-set.ts'
import type { OldServer } from '../upstream/old-server.ts'

/** What becomes of the tokens of an old server, as it is configured. The caller closes it. */
export function openOldTokens(
  tokens: OldTokensConfig,
  switching: SwitchingConfig,
  server: OldServer | undefined,
): { tokens: DoorsOldTokens; close(): void } {
  const {
    until,
    notIssuedAfter,
    accessLifetimeSeconds,
    issuer,
    audience,
    sources,
    sessions: refresh,
  } = tokens
  const { verify, close } = verifierOf(tokens, switching)
  return {
    tokens: {
      until,
      notIssuedAfter,
      accessLifetimeSeconds,
      issuer,
      audience,
      sources,
      refresh,
      verify,
      ...(refresh === 'relay' && server && { relay: server.refresh }),
    },
    close,
  }
}

function verifierOf(
  { hs256, jwks: url, algorithm }: OldTokensConfig,
  { allowPrivate, timeoutSeconds }: SwitchingConfig,
): Pick<DoorsOldTokens, 'verify'> & { close(): void } {
  if (url !== undefined) {
    const timeoutMs = timeoutSeconds * 1_000
    return createKeySet({ url, algorithm, allowPrivate, timeoutMs, now: () => performance.now() })
  }
  const verify = hs256 === undefined ? () => undefined : signatureVerifier(hs256, 'HS256')
  return { verify: async (token) => verify(token), close: () => {} }
}
