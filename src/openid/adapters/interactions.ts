import type { Adapter } from 'oidc-provider'
import type { Protocol } from '../protocol.ts'
import { artifactAdapter } from './artifacts.ts'

/**
 * What a browser is asked. That somebody has signed in for it counts while the browser is signed in as them: where it is
 * not any more, whoever sits there is asked anew.
 */
export function interactionAdapter(protocol: Protocol): Adapter {
  const artifacts = artifactAdapter(protocol, 'Interaction')
  return {
    ...artifacts,
    find: async (id) => {
      const payload = await artifacts.find(id)
      const request = protocol.current()
      if (!payload?.result?.login || !request) return payload
      const browser = await request.browser()
      return browser?.account.id === payload.result.login.accountId
        ? payload
        : { ...payload, result: undefined }
    },
  }
}
