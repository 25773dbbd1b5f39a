import { say } from '../../admin/findings.ts'
import type { Config, RealmConfig } from '../../config/config.ts'
import { clientSection } from '../../config/sections/client.ts'
import { findingsOf, pathText, type Finding as SettingFinding } from '../../config/sources/findings.ts'
import type { Client } from '../../core/clients/client.ts'
import { hasClientSecret } from '../../core/clients/client-secret.ts'
import { readClients } from '../../core/clients/clients.ts'
import { algorithmsInUse } from '../../core/keys/signing-keys.ts'
import { needsSecret, openidSettingsOf } from '../../core/openid/settings.ts'
import { isLoopback } from '../../lib/ip.ts'
import { openidManifest, scopesOfPeople } from '../../openid/manifest/manifest.ts'
import { realmStore } from '../../store/store.ts'
import type { Database } from '../../store/types.ts'
import { type Check, type Finding, ok, problem, type Surroundings, warning } from './check.ts'

const requestTimeoutMs = 8_000

/** What apps find of OpenID Connect in each realm that has it on: the issuer, the keys, and what is known of the apps. */
export function openidChecks(
  { mode, realms }: Config,
  {
    db,
    network,
    onSchema,
  }: Pick<Surroundings, 'network'> & {
    db: Database
    onSchema: (run: () => Promise<Finding>) => Check['run']
  },
): Check[] {
  return realms
    .filter(({ openid }) => openid)
    .flatMap((realm) => {
      const suffix = realms.length > 1 ? ` of ${realm.name}` : ''
      return [
        { name: `OpenID issuer${suffix}`, run: () => checkIssuer(realm, mode, network) },
        { name: `OpenID keys${suffix}`, run: onSchema(() => checkKeys(realm, db)) },
        { name: `OpenID clients${suffix}`, run: onSchema(() => checkClients(realm, mode, db)) },
      ]
    })
}

/** OpenID Connect Discovery §3 and §4.3: the issuer is https, and the one that is asked. */
async function checkIssuer(
  { publicUrl }: RealmConfig,
  mode: Config['mode'],
  network: Surroundings['network'],
): Promise<Finding> {
  const { protocol, hostname } = new URL(publicUrl)
  if (protocol !== 'https:' && mode === 'production')
    return problem(
      say('{url} is http, which apps refuse', { url: publicUrl }),
      say('put a proxy with TLS before it'),
    )
  const url = `${publicUrl}/.well-known/openid-configuration`
  const answer = await network(url, {
    signal: AbortSignal.timeout(requestTimeoutMs),
    redirect: 'manual',
  }).catch(() => undefined)
  // Why it cannot be reached `public address` says.
  if (!answer) return ok(say('{url}, and nobody answers there', { url: publicUrl }))
  const judge = mode === 'production' ? problem : warning
  if (answer.status !== 200)
    return judge(
      say('{url} answers {status}', { url, status: answer.status }),
      say('start the server anew: it runs with other settings'),
    )
  const { issuer } = (await answer.json()) as { issuer?: unknown }
  if (issuer !== publicUrl)
    return judge(
      say('discovery at {url} names {issuer}, so that apps refuse it', {
        url: publicUrl,
        issuer: String(issuer),
      }),
      say('have publicUrl be the address that apps know, and start the server anew'),
    )
  const isElsewhere = protocol !== 'https:' && !isLoopback(hostname) && hostname !== 'localhost'
  return isElsewhere
    ? warning(
        say('{url} is http, which most apps refuse', { url: publicUrl }),
        say('put a proxy with TLS before it'),
      )
    : ok(say('{url}, as discovery says', { url: publicUrl }))
}

/** Whether every algorithm has a key that signs and one that is published before it does. */
async function checkKeys(realm: RealmConfig, db: Database): Promise<Finding> {
  const keys = (await realmStore(db, realm.name).signingKeys.list()).filter(
    ({ retired_at: retiredAt }) => retiredAt === null,
  )
  const algorithms = algorithmsInUse(realm, keys)
  const ofAlgorithm = algorithms.map((algorithm) => {
    const own = keys.filter((key) => key.algorithm === algorithm)
    const current = own.findLast(({ activated_at: activatedAt }) => activatedAt !== null)
    return {
      algorithm,
      current,
      isNextThere: own.some(({ sequence }) => sequence > (current?.sequence ?? 0)),
    }
  })
  const namesOf = (found: typeof ofAlgorithm) => found.map(({ algorithm }) => algorithm).join(', ')
  const advice = say('start the server: it makes them')
  const unsigned = namesOf(ofAlgorithm.filter(({ current }) => !current))
  if (unsigned !== '') return warning(say('none signs with {algorithms}', { algorithms: unsigned }), advice)
  const last = namesOf(ofAlgorithm.filter(({ isNextThere }) => !isNextThere))
  if (last !== '')
    return warning(say('none is published to sign with {algorithms} next', { algorithms: last }), advice)
  if (!algorithms.includes('RS256'))
    return ok(say('those of RS256 are made with the first use of OpenID Connect'))
  return ok(say('ES256 and RS256, each with a next one'))
}

async function checkClients(realm: RealmConfig, mode: Config['mode'], db: Database): Promise<Finding> {
  const known = await readClients({ store: realmStore(db, realm.name) }, realm.clients)
  const clients = known.clients.filter(({ dialect }) => dialect === openidManifest.door.dialect)
  const unusable = clients.flatMap((client) =>
    faultsOf(client, mode).map(({ path, problem }) => `${client.id}: ${pathText(path)} ${problem}`),
  )
  if (unusable.length > 0)
    return {
      state: 'problem',
      // In the words of the settings file.
      says: unusable.join('; '),
      advice: say('remove them and add them anew: manydoors client add openid'),
    }
  const locked = clients.filter((client) => needsSecret(client) && !hasClientSecret(known, client))
  if (locked.length > 0) {
    const ids = locked.map(({ id }) => id).join(', ')
    return warning(
      say('no secret, and can sign nobody in: {ids}', { ids }),
      say('manydoors client secret openid ID'),
    )
  }
  const unknown = clients.flatMap((client) =>
    unknownScopes(client, realm).map((scope) => `${client.id}: ${scope}`),
  )
  if (unknown.length > 0)
    return warning(
      say('scopes that no resource has: {scopes}', { scopes: unknown.join(', ') }),
      say('see openid.resources of the realm'),
    )
  return ok(
    clients.length === 0
      ? say('there are none')
      : say('{count}, all of which can be used', { count: clients.length }),
  )
}

/** What is wrong with a client that was stored when other rules held, or the server was for trying out. */
function faultsOf(client: Client, mode: Config['mode']): SettingFinding[] {
  const ofProduction = mode === 'production' ? (openidManifest.findProductionProblems?.(client) ?? []) : []
  // What registers itself the protocol judges.
  if (openidSettingsOf(client).registered) return ofProduction
  const { id, kind, origins, redirectUris, frontEndUrl, settings } = client
  const given = { id, kind, origins, redirectUris, frontEndUrl, settings }
  const { error } = clientSection(openidManifest).safeParse(given)
  return [...findingsOf(error?.issues ?? []), ...ofProduction]
}

function unknownScopes(client: Client, { openid }: RealmConfig): string[] {
  const known = new Set([...scopesOfPeople, ...(openid?.resources.flatMap(({ scopes }) => scopes) ?? [])])
  return openidSettingsOf(client).scopes?.filter((scope) => !known.has(scope)) ?? []
}
