import { manifests } from '../dialects/manifests.ts'
import { pathText } from './file-issues.ts'
import { kindOf } from './realms.ts'
import type { Finding } from './variables.ts'
import type { Path } from './yaml.ts'

type Section = Record<string, unknown>

/**
 * Where settings that are each right do not go together. Looks at the file as it is given, so that this is found
 * beside whatever else is wrong.
 */
export function disagreements(given: unknown): Finding[] {
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

function sectionOf(value: unknown): Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Section) : {}
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
