import { isOfDomain, relatedOrigins } from '../core/passkeys/settings.ts'
import { severalHosts, tlsModes, tlsOf } from '../lib/postgres-url.ts'
import { openidManifest } from '../openid/manifest/manifest.ts'
import { kindOf } from './build-realm.ts'
import type { Config } from './config.ts'
import type { DialectManifest } from './dialect-manifest.ts'
import type { Settings } from './schema.ts'
import type { Environment } from './sources/environment.ts'
import { type Finding, type Path, pathText } from './sources/findings.ts'
import { sectionOf } from './sources/tree.ts'

/** Settings before the schema reads them: any of them may be of the wrong type. */
type Given = Partial<Settings & { secretFile: unknown }>

/** A raw value and its path. */
interface Place {
  path: Path
  value: unknown
}

/** Where settings contradict one another. Looks at the file as it is given, so that other faults do not hide it. */
export function findConflicts(given: unknown, dialects: DialectManifest[]): Finding[] {
  const withoutHosts = placesOf(given, ['realms', '*']).filter(
    ({ value }) => sectionOf(value).hosts === undefined,
  )
  return [
    ...moreThanOne(withoutHosts, 'has no hosts, like'),
    ...repeated(placesOf(given, ['realms', '*', 'hosts', '*'])),
    ...placesOf(given, ['realms', '*', 'openid', 'clients']).flatMap(({ path, value }) =>
      clientConflicts(placesOf(value, ['*'], path), openidManifest),
    ),
    ...placesOf(given, ['realms', '*', 'openid', 'resources']).flatMap(({ path, value }) =>
      repeated(placesOf(value, ['*', 'identifier'], path)),
    ),
    ...dialects.flatMap((manifest) =>
      placesOf(given, ['realms', '*', 'dialects', manifest.door.dialect, 'clients']).flatMap(
        ({ path, value }) => clientConflicts(placesOf(value, ['*'], path), manifest),
      ),
    ),
  ]
}

function clientConflicts(clients: Place[], manifest: DialectManifest): Finding[] {
  const ids = clients.map(({ path, value }) => ({
    path: [...path, 'id'],
    value: sectionOf(value).id ?? manifest.clients[0]?.id,
  }))
  const defaults = clients.filter(({ value }) => kindOf(sectionOf(value), manifest) === 'default')
  const hasDefault = manifest.clients.length > 0
  return [...repeated(ids), ...(hasDefault ? moreThanOne(defaults, 'is the default client, like') : [])]
}

/** All values at a path in which a star stands for every name and every entry. */
function placesOf(value: unknown, [step, ...rest]: string[], path: Path = []): Place[] {
  if (step === undefined) return [{ path, value }]
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(sectionOf(value))
  return entries
    .filter(([name]) => step === '*' || name === step)
    .flatMap(([name, value]) => placesOf(value, rest, [...path, name]))
}

function moreThanOne([first, ...others]: Place[], problem: string): Finding[] {
  return others.map(({ path }) => ({ path, problem: `${problem} ${pathText(first?.path ?? [])}` }))
}

/** Text that is there twice, in whatever case. */
function repeated(places: Place[]): Finding[] {
  const seen = new Map<string, Path>()
  return places.flatMap(({ path, value }): Finding[] => {
    if (typeof value !== 'string') return []
    const earlier = seen.get(value.toLowerCase())
    if (earlier) return [{ path, problem: `is the same as ${pathText(earlier)}` }]
    seen.set(value.toLowerCase(), path)
    return []
  })
}

/** What production does not start without. `nameOf` tells how the operator knows the setting at a place. */
export function findMissing(given: Given, nameOf: (place: string) => string): string[] {
  const { publicUrl, secret, secretFile, smtp } = given
  const required: [isMissing: boolean, place: string, what: string][] = [
    [!publicUrl && needsPublicUrl(given), 'publicUrl', 'the address at which people reach this server'],
    [!secret && !secretFile, 'secret', 'the master key, 32 bytes in base64, or as the path of a file'],
    [
      Boolean(smtp?.url && !smtp.from),
      'smtp.from',
      'the sender of mails, such as "Example <auth@example.com>"',
    ],
  ]
  return required.flatMap(([isMissing, place, what]) =>
    isMissing ? [`${nameOf(place)} is missing: ${what}`] : [],
  )
}

function needsPublicUrl({ realms }: Given): boolean {
  const all = Object.values(realms ?? {})
  return all.length === 0 || all.some((realm) => !realm?.publicUrl && (all.length === 1 || !realm?.hosts))
}

/** Realms beside others that lack a public URL, which production needs. */
export function findRealmsWithoutUrl(given: unknown): Finding[] {
  const all = Object.entries((given as Given).realms ?? {})
  const lost = all.filter(([, realm]) => all.length > 1 && realm?.hosts && !realm.publicUrl)
  const problem = 'is missing: the address at which people reach this realm'
  return lost.map(([name]) => ({ path: ['realms', name, 'publicUrl'], problem }))
}

/** Realms that share a public URL: the issuer of a token must name one realm. */
export function findSharedUrls({ realms }: Pick<Config, 'realms'>): string[] {
  return realms.flatMap(({ name, publicUrl }, index) => {
    const earlier = realms.slice(0, index).find((realm) => realm.publicUrl === publicUrl)
    return earlier ? [`realms.${name}.publicUrl is the same as that of realms.${earlier.name}`] : []
  })
}

/** Browsers look at no more domains of related origins than this (WebAuthn §5.11). */
const maxRelatedHosts = 5

/** Passkeys that no browser would make or use: of a domain that the realm's own pages are not of, and for too many others. */
export function findPasskeyProblems({ realms }: Pick<Config, 'realms'>): string[] {
  return realms.flatMap(({ name, publicUrl, passkeys }) => {
    if (!passkeys) return []
    const { rpId } = passkeys
    const related = relatedOrigins(passkeys)
    const hosts = new Set(related.map((origin) => new URL(origin).hostname))
    const problems: string[] = []
    if (!isOfDomain(publicUrl, rpId))
      problems.push(
        `realms.${name}.passkeys.rpId must be the host of the realm's publicUrl (${new URL(publicUrl).hostname}) or a domain above it`,
      )
    if (hosts.size > maxRelatedHosts)
      problems.push(
        `realms.${name}.passkeys.origins has ${hosts.size} hosts that are not of ${rpId}: browsers take ${maxRelatedHosts}`,
      )
    return problems
  })
}

/** What is wrong with PGSSLMODE and PGHOST, which PostgreSQL's driver reads where the URL does not set them. */
export function validatePostgresVariables(
  { database }: Pick<Config, 'database'>,
  { PGSSLMODE, PGHOST }: Environment,
): string[] {
  if (database.engine === 'sqlite') return []
  const problems: string[] = []
  // The driver ignores a word that it does not know.
  if (PGSSLMODE && !(tlsModes as readonly string[]).includes(PGSSLMODE))
    problems.push(`PGSSLMODE must be one of ${tlsModes.join(', ')}`)
  if (PGHOST?.includes(',') && tlsOf(database.url, {}).host === undefined)
    problems.push(`PGHOST ${severalHosts}`)
  return problems
}
