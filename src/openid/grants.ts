import type { Grant, KoaContextWithOIDC } from 'oidc-provider'
import { claimItem, findConsent, resourceItem } from '../core/openid/consents.ts'
import { openidSettingsOf } from '../core/openid/settings.ts'
import { knownClient, type Protocol } from './protocol.ts'

/**
 * What an app may have of what it asks for: everything, where it is of the house; what the person has allowed it before,
 * for others. Each authorization has a grant of its own, so that what ends one ends no other.
 */
export async function loadGrant(protocol: Protocol, ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
  const { oidc } = ctx
  const allowed = oidc.result?.consent?.grantId
  if (allowed) return oidc.provider.Grant.find(allowed)
  const { client, account } = oidc
  if (!client || !account) return undefined
  const isOfTheHouse = openidSettingsOf(knownClient(protocol, client.clientId)).firstParty ?? true
  const consented = isOfTheHouse
    ? undefined
    : await findConsent(protocol.ctx, account.accountId, client.clientId)
  if (!isOfTheHouse && !consented) return undefined
  const may = (scope: string) => isOfTheHouse || (consented?.has(scope) ?? false)
  const grant = new oidc.provider.Grant({ accountId: account.accountId, clientId: client.clientId })
  const scopes = [...oidc.requestParamOIDCScopes].filter(may)
  if (scopes.length > 0) grant.addOIDCScope(scopes.join(' '))
  const claims = [...oidc.requestParamClaims].filter((claim) => may(claimItem(claim)))
  if (claims.length > 0) grant.addOIDCClaims(claims)
  for (const [resource, { scopes: known }] of Object.entries(oidc.resourceServers ?? {})) {
    const own = [...oidc.requestParamScopes].filter((scope) => known.has(scope))
    const granted = own.filter((scope) => may(resourceItem(resource, scope)))
    if (granted.length > 0) grant.addResourceScope(resource, granted.join(' '))
  }
  await grant.save()
  return grant
}
