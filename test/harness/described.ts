import assert from 'node:assert/strict'
import { STATUS_CODES } from 'node:http'
import type { Ajv2020 } from 'ajv/dist/2020.js'
import type { Config, DialectConfig, RealmConfig } from '../../src/config/config.ts'
import { dialects } from '../../src/dialects/registry.ts'
import type { Dialect } from '../../src/http/dialect.ts'
import type { OpenapiDocument } from '../../src/http/openapi/document.ts'

/** An answer, as far as a document says how it looks. */
interface Answered {
  status: number
  headers: Headers
  text: string
}

/** A door that says something of its answers. */
interface Door {
  prefixes: string[]
  document(): Promise<HeldDocument>
}

/** The configurations of running servers, by their origins. */
const servers = new Map<string, Config>()

/** From now on every answer of that server's doors is held against their documents. */
export function holdToDocuments(url: string, config: Config): void {
  servers.set(new URL(url).origin, config)
}

/**
 * Fails for an answer of a door's route whose status, content type, headers or body its document does not describe. What
 * is no route of a door is nobody's to describe, as is everything of a dialect that says nothing of itself.
 */
export async function assertDescribed(
  url: string,
  { method, headers }: { method: string; headers: Record<string, string> },
  answer: Answered,
): Promise<void> {
  const { origin, pathname } = new URL(url)
  const config = servers.get(origin)
  if (!config) return
  // A page that a browser opens, which no door is asked for.
  if (headers['sec-fetch-mode'] === 'navigate' && pathname.startsWith('/account')) return
  const path = pathname.length > 1 ? pathname.replace(/\/$/, '') : pathname
  for (const door of doorsOf(realmAt(config, headers), config)) {
    if (!isBelow(path, door.prefixes)) continue
    const document = await door.document()
    const found = document.find(method === 'HEAD' ? 'GET' : method, path)
    if (!found) continue
    document.check(found, answer, method === 'HEAD')
    return
  }
}

function realmAt({ realms }: Config, headers: Record<string, string>): RealmConfig | undefined {
  const named = Object.entries(headers).find(([name]) => name.toLowerCase() === 'host')?.[1]
  const host = (named ?? '').toLowerCase().replace(/:\d+$/, '')
  return realms.find(({ hosts }) => hosts.includes(host)) ?? realms.find(({ hosts }) => hosts.length === 0)
}

const doorsOfRealms = new WeakMap<RealmConfig, Door[]>()

function doorsOf(realm: RealmConfig | undefined, { loadedDialects }: Config): Door[] {
  if (!realm) return []
  const known = doorsOfRealms.get(realm)
  if (known) return known
  const doors = [...dialects, ...loadedDialects].flatMap((dialect) => {
    const config = realm.dialects[dialect.door.dialect]
    return config && dialect.describe ? doorOf(dialect, config) : []
  })
  doorsOfRealms.set(realm, doors)
  return doors
}

function doorOf(dialect: Dialect, config: DialectConfig): Door {
  let document: Promise<HeldDocument> | undefined
  return {
    prefixes: dialect.prefixes,
    document: () => {
      document ??= documentOf(dialect, config)
      return document
    },
  }
}

function isBelow(path: string, prefixes: string[]): boolean {
  return prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`))
}

/** What a document says of one route. */
interface Route {
  name: string
  pattern: RegExp
  method: string
  responses: Record<string, Response | { $ref: string }>
}

interface Response {
  headers?: Record<string, object>
  content?: Record<string, { schema?: object }>
}

interface HeldDocument {
  find(method: string, path: string): Route | undefined
  check(route: Route, answer: Answered, isHead: boolean): void
}

/** By what they depend on. */
const documents = new Map<string, Promise<HeldDocument>>()

function documentOf(dialect: Dialect, { settings, password }: DialectConfig): Promise<HeldDocument> {
  const key = JSON.stringify([dialect.door.dialect, settings, password])
  let document = documents.get(key)
  document ??= openDocument(dialect, settings, password)
  documents.set(key, document)
  return document
}

async function openDocument(
  dialect: Dialect,
  settings: unknown,
  lengths: DialectConfig['password'],
): Promise<HeldDocument> {
  const { describeDoor } = await import('../../src/http/openapi/describe-door.ts')
  const { Ajv2020 } = await import('ajv/dist/2020.js')
  const made = await describeDoor({ dialect, settings, lengths, url: 'http://localhost:5000', version: '1' })
  // As it goes over the wire.
  const document: OpenapiDocument = JSON.parse(JSON.stringify(made))
  // To ajv a document is a schema of unknown keywords: its check of it says nothing, and costs more than all the rest.
  const ajv = new Ajv2020({ strict: false, validateFormats: false, validateSchema: false })
  ajv.addSchema(document, 'door')
  const routes = routesIn(document)
  return {
    find: (method, path) => routes.find((route) => route.method === method && route.pattern.test(path)),
    check: (route, answer, isHead) => {
      const name = `${route.name} answers ${answer.status} ${STATUS_CODES[answer.status]}`
      const pointer = pointerTo(route, answer.status)
      assert.ok(pointer, `${name}, which its document does not describe: ${answer.text}`)
      const response = at(document, pointer) as Response
      checkHeaders(name, response, answer)
      if (!isHead) checkBody(name, { ajv, pointer, response }, answer)
    },
  }
}

/** Those without parameters first, as the router has it. */
function routesIn({ paths }: OpenapiDocument): Route[] {
  const routes = Object.entries(paths).flatMap(([path, operations]) => {
    const pattern = new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`)
    return Object.entries(operations).map(([method, { responses }]) => ({
      name: `${method.toUpperCase()} ${path}`,
      pattern,
      method: method.toUpperCase(),
      responses,
    }))
  })
  return routes.sort((one, other) => Number(one.name.includes('{')) - Number(other.name.includes('{')))
}

function pointerTo({ name, responses }: Route, status: number): string | undefined {
  const response = responses[status]
  if (!response) return undefined
  if ('$ref' in response) return response.$ref
  const [method = '', path = ''] = name.split(' ')
  return `#/paths/${escaped(path)}/${method.toLowerCase()}/responses/${status}`
}

function escaped(step: string): string {
  return encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))
}

function at(document: object, pointer: string): unknown {
  const steps = pointer.slice(2).split('/')
  return steps
    .map((step) => decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, step) => (value as Record<string, unknown>)[step], document)
}

/** Headers that are always there are described as required, by all of ours as references. */
function checkHeaders(name: string, { headers: described = {} }: Response, { headers }: Answered): void {
  for (const [header, description] of Object.entries(described))
    if ('$ref' in description) assert.ok(headers.has(header), `${name} without ${header}`)
  for (const header of ['www-authenticate', 'retry-after', 'set-cookie', 'location', 'x-redirect'])
    if (headers.has(header)) {
      const isNamed = Object.keys(described).some((known) => known.toLowerCase() === header)
      assert.ok(isNamed, `${name} with ${header}, which its document does not describe`)
    }
}

function checkBody(
  name: string,
  { ajv, pointer, response }: { ajv: Ajv2020; pointer: string; response: Response },
  { headers, text }: Answered,
): void {
  const type = headers.get('content-type')?.split(';', 1)[0] ?? ''
  const { content = {} } = response
  if (text === '' && Object.keys(content).length === 0) return
  const media = content[type]
  assert.ok(media, `${name} of type ${type || 'unknown'}, which its document does not describe: ${text}`)
  if (!media.schema || type === 'text/html') return
  const isRight = ajv.getSchema(`door${pointer}/content/${escaped(type)}/schema`)
  assert.ok(isRight, `${name}: no schema at ${pointer}`)
  const body: unknown = JSON.parse(text)
  assert.ok(
    isRight(body),
    `${name} otherwise than its document says: ${text}\n${JSON.stringify(isRight.errors)}`,
  )
}
