import type { FastifyRequest } from 'fastify'
import { AuthError } from '../../core/errors.ts'
import type { JsonSchema } from '../../http/openapi/json-schema.ts'
import type { Field, Shape } from './shape.ts'

type Fields = Record<string, unknown>

/**
 * The fields of a request for an operation: those of its path and its query, whose text becomes what their schemas say, and
 * those of its body. Throws `validation_failed` for one that there is not, so that a typing error is not taken for a wish
 * of nothing, and `unsupported_media_type` for a body that is not JSON.
 */
export function readInput({ inPath, inQuery, inBody }: Shape, request: FastifyRequest): Fields {
  const query = request.query as Fields
  const body = bodyOf(request)
  const unknown = [...unknownOf(query, inQuery), ...unknownOf(body, inBody)]
  if (unknown.length > 0)
    throw new AuthError('validation_failed', {
      issues: unknown.map((field) => ({ field, message: 'There is no such field here.' })),
    })
  return { ...fromText(query, inQuery), ...body, ...fromText(request.params as Fields, inPath) }
}

/** A form would have text where there are numbers and lists. */
function bodyOf({ body, headers }: FastifyRequest): Fields {
  if (body === undefined || body === null) return {}
  if (!/^application\/([\w.-]+\+)?json(;|$)/i.test(headers['content-type'] ?? ''))
    throw new AuthError('unsupported_media_type')
  if (typeof body !== 'object' || Array.isArray(body) || !isShallow(body)) throw new AuthError('bad_request')
  return body as Fields
}

/** No field has more lists and objects in each other; what is written down or put in order is gone through by recursion. */
const maxDepth = 32

function isShallow(value: object): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; depth < maxDepth && level.length > 0; depth++)
    level = level.flatMap((part) => (typeof part === 'object' && part !== null ? Object.values(part) : []))
  return level.length === 0
}

/** At most as many as an answer should name. */
function unknownOf(given: Fields, fields: Field[]): string[] {
  const names = Object.keys(given).filter((name) => !fields.some((field) => field.name === name))
  return names.slice(0, 50).map((name) => name.slice(0, 100))
}

function fromText(given: Fields, fields: Field[]): Fields {
  const read = fields
    .filter(({ name }) => name !== 'realm' && given[name] !== undefined)
    .map(({ name, schema }) => [name, readText(given[name], schema)])
  return Object.fromEntries(read)
}

/** What a text of a path or a query stands for; what it cannot stand for is left to be refused. */
function readText(given: unknown, schema: JsonSchema): unknown {
  const types = typesOf(schema)
  if (types.has('array')) {
    const items = itemsOf(schema)
    return [given].flat().map((item) => (items ? readText(item, items) : item))
  }
  if (typeof given !== 'string') return given
  if ((types.has('number') || types.has('integer')) && /^-?\d+(\.\d+)?$/.test(given)) return Number(given)
  if (types.has('boolean') && (given === 'true' || given === 'false')) return given === 'true'
  return given
}

function typesOf({ type = [], anyOf = [], oneOf = [] }: JsonSchema): Set<string> {
  return new Set([type, ...[...anyOf, ...oneOf].map((part) => [...typesOf(part)])].flat())
}

function itemsOf({ items, anyOf = [], oneOf = [] }: JsonSchema): JsonSchema | undefined {
  return items ?? [...anyOf, ...oneOf].map(itemsOf).find((found) => found !== undefined)
}
