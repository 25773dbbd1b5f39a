import { manifests } from '../dialects/manifests.ts'
import { severalHosts, tlsModes, tlsOf } from '../lib/postgres-url.ts'
import { kindOf } from './build-realm.ts'
import type { Config } from './config.ts'
import type { Settings } from './schema.ts'
import type { Environment } from './sources/environment.ts'
import { type Finding, type Path, pathText } from './sources/findings.ts'
import { type Section, sectionOf } from './sources/tree.ts'

/** Settings as they are given: of any of them the kind may be wrong. */
type Given = Partial<Settings & { secretFile: unknown }>

/**
 * Where settings that are each right do not go together. Looks at the file as it is given, so that this is found
 * beside whatever else is wrong.
 */
export function findConflicts(given: unknown): Finding[] {
  const realms = Object.entries(sectionOf(sectionOf(given).realms))
  return [
    ...moreThanOne(
      realms.filter(([, realm]) => sectionOf(realm).hosts === undefined).map(([name]) => ['realms', name]),
      'has no hosts, like',
    ),
    ...repeated(
      realms.flatMap(([name, realm]) =>
        listOf(sectionOf(realm).hosts).map((host, index) => ({
          path: ['realms', name, 'hosts', index],
          value: host,
        })),
      ),
    ),
    ...realms.flatMap(([name, realm]) =>
      Object.entries(sectionOf(sectionOf(realm).dialects)).flatMap(([dialect, section]) =>
        clientFindings(['realms', name, 'dialects', dialect, 'clients'], dialect, sectionOf(section)),
      ),
    ),
  ]
}

function clientFindings(path: Path, name: string, { clients }: Section): Finding[] {
  const dialect = manifests.find(({ door }) => door.dialect === name)
  if (!dialect) return []
  const sections = listOf(clients).map(sectionOf)
  const isDefault = (section: Section) => kindOf(section, dialect) === 'default'
  return [
    ...repeated(
      sections.map((section, index) => ({
        path: [...path, index, 'id'],
        value: section.id ?? dialect.clients[0]?.id,
      })),
    ),
    ...moreThanOne(
      sections.flatMap((section, index) => (isDefault(section) ? [[...path, index]] : [])),
      'is the default client, like',
    ),
  ]
}

function moreThanOne([first, ...others]: Path[], problem: string): Finding[] {
  return others.map((path) => ({ path, problem: `${problem} ${pathText(first ?? [])}` }))
}

/** Letters count as equal in either case. */
function repeated(places: { path: Path; value: unknown }[]): Finding[] {
  const seen = new Map<string, Path>()
  return places.flatMap(({ path, value }): Finding[] => {
    if (typeof value !== 'string') return []
    const earlier = seen.get(value.toLowerCase())
    if (earlier) return [{ path, problem: `is the same as ${pathText(earlier)}` }]
    seen.set(value.toLowerCase(), path)
    return []
  })
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/**
 * What production does not start without. Values that are there and wrong count as there. `nameOf` tells how the operator
 * knows the setting at a place.
 */
export function findMissing(given: Given, nameOf: (place: string) => string): string[] {
  const { publicUrl, secret, secretFile, smtp, sms } = given
  const required: [isMissing: boolean, place: string, what: string][] = [
    [!publicUrl && needsPublicUrl(given), 'publicUrl', 'the address at which people reach this server'],
    [!secret && !secretFile, 'secret', 'the master key, 32 bytes in base64, or as the path of a file'],
    [
      Boolean(sms?.url && !sms.allowedPrefixes),
      'sms.allowedPrefixes',
      'the countries that messages may go to, such as "+47,+46"',
    ],
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

/** Realms beside others that do not say where people reach them, as production wants it: nothing else can stand in for that. */
export function findRealmsWithoutUrl(given: unknown): Finding[] {
  const all = Object.entries((given as Given).realms ?? {})
  const lost = all.filter(([, realm]) => all.length > 1 && realm?.hosts && !realm.publicUrl)
  const problem = 'is missing: the address at which people reach this realm'
  return lost.map(([name]) => ({ path: ['realms', name, 'publicUrl'], problem }))
}

/** Realms with one public URL: tokens say by their issuer whose they are. */
export function findSharedUrls({ realms }: Pick<Config, 'realms'>): string[] {
  return realms.flatMap(({ name, publicUrl }, index) => {
    const earlier = realms.slice(0, index).find((realm) => realm.publicUrl === publicUrl)
    return earlier ? [`realms.${name}.publicUrl is the same as that of realms.${earlier.name}`] : []
  })
}

/** What is wrong with the variables from which the driver of PostgreSQL takes what the address does not say. */
export function validatePostgresVariables(
  { database }: Pick<Config, 'database'>,
  { PGSSLMODE, PGHOST }: Environment,
): string[] {
  if (database.engine === 'sqlite') return []
  const problems: string[] = []
  // The driver takes a word that it does not know for none.
  if (PGSSLMODE && !(tlsModes as readonly string[]).includes(PGSSLMODE))
    problems.push(`PGSSLMODE must be one of ${tlsModes.join(', ')}`)
  if (PGHOST?.includes(',') && tlsOf(database.url, {}).host === undefined)
    problems.push(`PGHOST ${severalHosts}`)
  return problems
}
