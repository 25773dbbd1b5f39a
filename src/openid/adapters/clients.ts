import type { Adapter, AdapterPayload } from 'oidc-provider'
import { learnClient } from '../../core/clients/admin.ts'
import type { Client } from '../../core/clients/client.ts'
import { openidDoor } from '../../core/openid/door.ts'
import { dropRegistration, keepRegistration } from '../../core/openid/registration.ts'
import { isSeen } from '../../lib/unseen.ts'
import { metadataOf, secretPlaceholder } from '../client-metadata.ts'
import { clientOf, type Protocol } from '../protocol.ts'
import { findMetadataProblem } from '../registered-metadata.ts'

const maxNameLength = 100

/** Clients as the core has them in memory; those that register themselves are kept there. */
export function clientAdapter(protocol: Protocol): Adapter {
  const nothing = async () => undefined
  const asking = () => {
    const { origin } = protocol.current() ?? {}
    if (!origin) throw new Error('a client is registered outside of a request')
    return { ...protocol.ctx, origin }
  }
  return {
    find: async (id) => {
      const client = clientOf(protocol, id) ?? (await learn(protocol, id))
      return client && metadataOf(client)
    },
    upsert: async (id, { client_secret: secret, ...metadata }) => {
      const problem = findMetadataProblem(metadata)
      if (problem !== undefined) throw protocol.invalidMetadata(problem)
      const isNewSecret = typeof secret === 'string' && secret !== secretPlaceholder
      await keepRegistration(asking(), registeredClient(id, metadata), isNewSecret ? secret : undefined)
    },
    destroy: async (id) => {
      const client = clientOf(protocol, id)
      if (client) await dropRegistration(asking(), client)
    },
    findByUid: nothing,
    findByUserCode: nothing,
    consume: nothing,
    revokeByGrantId: nothing,
  }
}

/** Where clients register themselves, they come at once, to whichever node. */
async function learn(protocol: Protocol, id: string): Promise<Client | undefined> {
  if (protocol.settings.registration === 'off' || !/^[!-~]{1,255}$/.test(id)) return undefined
  await learnClient(protocol.ctx, { dialect: openidDoor.dialect, id })
  return clientOf(protocol, id)
}

/** A client that says itself what it is: people are asked what it may do. */
function registeredClient(id: string, registered: AdapterPayload): Client {
  const { redirect_uris: uris = [], client_name: name, backchannel_logout_uri: logout } = registered
  const redirectUris = [...uris]
  const isPublic = registered.token_endpoint_auth_method === 'none'
  const isShown = typeof name === 'string' && isSeen(name) && /^[^\p{C}\p{Zl}\p{Zp}]+$/u.test(name)
  return {
    dialect: openidDoor.dialect,
    id,
    kind: 'registered',
    // A page that is its own client fetches its tokens by itself.
    origins: isPublic ? [...new Set(redirectUris.flatMap(webOrigin))] : [],
    redirectUris,
    brand: { name: isShown ? name.slice(0, maxNameLength) : id },
    settings: {
      firstParty: false,
      pkce: 'optional',
      ...(logout !== undefined && { backchannelLogoutUri: logout }),
      registered: Object.fromEntries(Object.entries(registered).filter(([, value]) => value !== undefined)),
    },
  }
}

function webOrigin(uri: string): string[] {
  const { protocol, origin } = URL.parse(uri) ?? {}
  return origin !== undefined && (protocol === 'https:' || protocol === 'http:') ? [origin] : []
}
