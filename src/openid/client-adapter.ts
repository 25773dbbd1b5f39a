import type { Adapter } from 'oidc-provider'
import { metadataOf } from './client-metadata.ts'
import { clientOf, type Protocol } from './protocol.ts'

/** Clients as the core has them in memory. */
export function clientAdapter(protocol: Protocol): Adapter {
  const nothing = async () => undefined
  return {
    find: async (id) => {
      const client = clientOf(protocol, id)
      return client && metadataOf(client)
    },
    upsert: nothing,
    destroy: nothing,
    findByUid: nothing,
    findByUserCode: nothing,
    consume: nothing,
    revokeByGrantId: nothing,
  }
}
