import { z } from 'zod'
import type { ClientProblem, ClientRules, ClientSetting } from '../admin/client-rules.ts'
import type { Config } from '../config/config.ts'
import type { DialectManifest } from '../config/dialect-manifest.ts'
import { readClient } from '../config/read-client.ts'
import { type Finding, pathText } from '../config/sources/findings.ts'
import { newClientId } from '../core/clients/admin.ts'
import { manifests } from '../dialects/manifests.ts'
import { openidManifest } from '../openid/manifest/manifest.ts'

/** What clients may be that operators add and change: the rules of the settings file, by the schemas of their dialects. */
export function clientRules(config: Config): ClientRules {
  const { mode, realms } = config
  const known = manifestsOf(config)
  const manifestOf = (dialect: string): DialectManifest => {
    const manifest = known.get(dialect)
    if (!manifest) throw new Error(`there is no dialect ${dialect}`)
    return manifest
  }
  return {
    dialectsOf: (name) => {
      const realm = realms.find((realm) => realm.name === name)
      const doors = Object.keys(realm?.dialects ?? {})
      const open = realm?.openid ? [...doors, openidManifest.door.dialect] : doors
      return open.filter((dialect) => known.get(dialect)?.clientIds !== undefined)
    },
    newId: (ctx, dialect) => {
      const { clientIds } = manifestOf(dialect)
      if (!clientIds) throw new Error(`${dialect} has a single client`)
      return newClientId(ctx, dialect, clientIds)
    },
    settingsOf: (dialect) => settingsIn(manifestOf(dialect).clientSettings),
    read: (dialect, given) => {
      const read = readClient(manifestOf(dialect), given, mode)
      return 'client' in read ? read : { problems: read.findings.map(problemOf) }
    },
  }
}

/** Every dialect that there may be, by its name. */
export function manifestsOf({
  loadedDialects,
}: Pick<Config, 'loadedDialects'>): Map<string, DialectManifest> {
  const all = [...manifests, openidManifest, ...loadedDialects]
  return new Map(all.map((dialect) => [dialect.door.dialect, dialect]))
}

/** The names that forms have for what is wrong, and the place within a list. */
function problemOf({ path, problem }: Finding): ClientProblem {
  const [first, second] = path
  const depth = first === 'settings' ? 2 : 1
  const field = first === 'brand' ? 'name' : path.slice(0, depth).map(String).join('.')
  const within = pathText(path.slice(depth))
  const name = first === 'settings' ? String(second) : field
  return { field, message: `${name}${within} ${problem}.` }
}

type JsonSchema = z.core.JSONSchema.BaseSchema

function settingsIn(schema: z.ZodObject): ClientSetting[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return Object.entries(properties).map(([name, property]) => {
    const described = property as JsonSchema
    return { name, ...kindOf(described), says: described.description ?? '' }
  })
}

function kindOf(schema: JsonSchema): Pick<ClientSetting, 'kind' | 'choices'> {
  const plain = (kind: ClientSetting['kind']) => ({ kind, choices: [] })
  const [first] = (schema.anyOf ?? []) as JsonSchema[]
  const type = schema.type ?? first?.type
  if (Array.isArray(schema.enum)) return { kind: 'choice', choices: schema.enum.map(String) }
  if (type === 'boolean') return plain('yes_no')
  if (type === 'integer' || type === 'number') return plain('number')
  if (type === 'string') return plain('text')
  const items = schema.items as JsonSchema | undefined
  if (type !== 'array' || !items) return plain('json')
  if (Array.isArray(items.enum)) return { kind: 'choices', choices: items.enum.map(String) }
  return plain(items.type === 'string' ? 'lines' : 'json')
}
