import type { ClientAddresses } from '../../config/dialect-manifest.ts'
import type { Finding } from '../../config/sources/findings.ts'
import { type OpenidClientSettings, openidSettingsOf } from '../../core/openid/settings.ts'
import { isLoopback, isLoopbackWithTls, isOfApp } from './addresses.ts'

/** Where what is said of a client contradicts itself. */
export function findClientProblems(client: ClientAddresses): Finding[] {
  const given = client.settings as OpenidClientSettings
  const settings = openidSettingsOf(client)
  return [
    ...findKeyProblems(settings),
    ...(settings.authMethod === 'none' ? findPublicProblems(settings) : []),
    ...(given.fapi ? findFapiProblems(given) : []),
    ...findGrantProblems(client, settings),
    ...findAddressProblems(client, settings),
  ]
}

/** What is for trying out alone: there a web app may be reached on the machine of who develops it, without TLS. */
export function findProductionProblems(client: ClientAddresses): Finding[] {
  const { native, jwksUri, backchannelLogoutUri } = openidSettingsOf(client)
  const endpoints = Object.entries({ jwksUri, backchannelLogoutUri }).map(([name, address = '']) => ({
    path: ['settings', name],
    address,
  }))
  const wanted = native ? endpoints : [...addressesOf(client), ...endpoints]
  return wanted
    .filter(({ address }) => isLoopback(address))
    .map(({ path }) => ({ path, problem: 'must be https in production' }))
}

function findAddressProblems(client: ClientAddresses, { native }: OpenidClientSettings): Finding[] {
  const isMisplaced = native ? isLoopbackWithTls : isOfApp
  const problem = native
    ? 'is https at localhost, where a `native` client has http'
    : 'has the scheme of an app, which is for `native` clients alone'
  return addressesOf(client)
    .filter(({ address }) => isMisplaced(address))
    .map(({ path }) => ({ path, problem }))
}

function addressesOf({ redirectUris, settings }: ClientAddresses) {
  const { postLogoutRedirectUris = [] } = settings as OpenidClientSettings
  return [
    ...redirectUris.map((address, index) => ({ path: ['redirectUris', index], address })),
    ...postLogoutRedirectUris.map((address, index) => ({
      path: ['settings', 'postLogoutRedirectUris', index],
      address,
    })),
  ]
}

function findKeyProblems({ authMethod, jwks, jwksUri }: OpenidClientSettings): Finding[] {
  const path = ['settings', 'jwks']
  if (jwks && jwksUri !== undefined) return [{ path, problem: 'and jwksUri exclude one another' }]
  const isMissing = authMethod === 'private_key_jwt' && !jwks && jwksUri === undefined
  return isMissing ? [{ path, problem: 'or jwksUri is missing: `private_key_jwt` needs public keys' }] : []
}

function findPublicProblems({ grants, pkce, introspect }: OpenidClientSettings): Finding[] {
  const rules: [isBroken: boolean | undefined, name: string, problem: string][] = [
    [
      grants?.includes('client_credentials'),
      'grants',
      'has client_credentials, which a client without credentials (`authMethod: none`) cannot use',
    ],
    [pkce === 'optional', 'pkce', 'must be required of a client without credentials (`authMethod: none`)'],
    [introspect, 'introspect', 'is not for clients without credentials (`authMethod: none`)'],
  ]
  return brokenOf(rules)
}

/** The FAPI 2.0 security profile, §5.3: what it wants is so by itself, and cannot be set otherwise. */
function findFapiProblems(given: OpenidClientSettings): Finding[] {
  const { authMethod = 'private_key_jwt', idTokenAlgorithm = 'ES256', par = true, dpop = true } = given
  const rules: [isBroken: boolean, name: string, problem: string][] = [
    [authMethod !== 'private_key_jwt', 'authMethod', 'must be private_key_jwt where fapi is true'],
    [idTokenAlgorithm !== 'ES256', 'idTokenAlgorithm', 'must be ES256 where fapi is true'],
    [!par, 'par', 'must be true where fapi is true'],
    [!dpop, 'dpop', 'must be true where fapi is true'],
    [given.pkce === 'optional', 'pkce', 'must be required where fapi is true'],
  ]
  return brokenOf(rules)
}

function brokenOf(rules: [isBroken: boolean | undefined, name: string, problem: string][]): Finding[] {
  return rules.flatMap(([isBroken, name, problem]) =>
    isBroken ? [{ path: ['settings', name], problem }] : [],
  )
}

function findGrantProblems({ redirectUris }: ClientAddresses, { grants }: OpenidClientSettings): Finding[] {
  const asksPeople = !grants || grants.includes('authorization_code')
  if (asksPeople && redirectUris.length === 0)
    return [{ path: ['redirectUris'], problem: 'is missing: the grant authorization_code needs one' }]
  const canRefresh = asksPeople || grants.includes('device_code')
  return grants?.includes('refresh_token') && !canRefresh
    ? [{ path: ['settings', 'grants'], problem: 'has refresh_token, but no grant that gives refresh tokens' }]
    : []
}
