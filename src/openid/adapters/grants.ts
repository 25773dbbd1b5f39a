import type { Adapter } from 'oidc-provider'
import { readFacts } from '../../core/openid/session-facts.ts'
import { libraryTime, type Protocol } from '../protocol.ts'
import { artifactAdapter } from './artifacts.ts'

/**
 * What an app was granted: an artifact until the app has its tokens, and from then on a part of its session, so that it
 * lasts as long as that and costs no query.
 */
export function grantAdapter(protocol: Protocol): Adapter {
  const artifacts = artifactAdapter(protocol, 'Grant')
  return {
    ...artifacts,
    find: async (id) => {
      const session = protocol.current()?.rests
      if (session?.grant_id !== id) return artifacts.find(id)
      return {
        ...readFacts(session).grant,
        jti: id,
        kind: 'Grant',
        accountId: session.account_id,
        clientId: session.client_id,
        iat: libraryTime(protocol, session.created_at),
        exp: libraryTime(protocol, session.absolute_expires_at),
      }
    },
  }
}
