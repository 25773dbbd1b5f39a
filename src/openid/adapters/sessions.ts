import type { Adapter, AdapterPayload } from 'oidc-provider'
import { findArtifact } from '../../core/openid/artifacts.ts'
import { assuranceOf, authenticatedAt, methodsIn } from '../../core/openid/assurance.ts'
import type { Caller } from '../../core/sessions/sessions.ts'
import { libraryTime, type Protocol } from '../protocol.ts'
import { artifactAdapter, readPayload } from './artifacts.ts'

/**
 * The library's own session of a browser. It signs nobody in by itself: it is good together with the session of ours that
 * it was made beside, while that is live and its cookie comes along, and says of the sign-in what that one says.
 */
export function sessionAdapter(protocol: Protocol): Adapter {
  const kind = 'Session'
  return {
    ...artifactAdapter(protocol, kind),
    find: async (id) => {
      const found = await findArtifact(protocol.ctx, kind, id)
      const payload = readPayload(protocol, found)
      if (payload?.accountId === undefined) return payload
      const browser = await protocol.current()?.browser()
      const isTheirs = browser && found?.row.session_id === browser.session.id
      return isTheirs ? { ...payload, ...signedIn(protocol, browser) } : undefined
    },
  }
}

/** What the library is to know of a sign-in to the browser. */
export function signedIn(protocol: Protocol, { account, session }: Caller): Partial<AdapterPayload> {
  return {
    accountId: account.id,
    loginTs: libraryTime(protocol, authenticatedAt(session)),
    acr: assuranceOf(session),
    amr: methodsIn(session),
  }
}
