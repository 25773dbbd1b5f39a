import { STATUS_CODES } from 'node:http'
import type { AuthError, ErrorCode } from '../../core/errors.ts'
import { defaultErrors } from '../default-errors.ts'
import type { Dialect } from '../dialect.ts'
import type { Answer, OwnRefusal, Refusal, RouteDescription } from './description.ts'
import type { DescribedResponse } from './document.ts'
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts'

/** Headers that clients act on, for all answers of a document. */
export const sharedHeaders = {
  RequestId: {
    description: 'Names the request in the log of the server',
    required: true,
    schema: { type: 'string', minLength: 1, maxLength: 128 },
  },
  RetryAfter: {
    description: 'Seconds after which it may be tried again',
    required: true,
    schema: { type: 'integer', minimum: 1 },
  },
  Challenge: {
    description: 'RFC 6750: with an `error` where a bad token was sent',
    required: true,
    schema: { type: 'string', examples: ['Bearer', 'Bearer error="invalid_token"'] },
  },
}

const requestId = { 'X-Request-Id': { $ref: '#/components/headers/RequestId' } }

/** A success of a route. */
export function describeAnswer(
  { description, body, isPage, example, headers }: Answer,
  ofRoute: RouteDescription['headers'],
): DescribedResponse {
  return {
    description,
    headers: { ...requestId, ...ofRoute, ...headers },
    ...(body && {
      content: {
        'application/json': {
          schema: jsonSchemaOf(body, 'output'),
          ...(example !== undefined && { example }),
        },
      },
    }),
    ...(isPage && { content: page }),
  }
}

const page = { 'text/html': { schema: { type: 'string' } } }

/** A refusal as it goes over the wire. */
interface Told extends OwnRefusal {
  contentType: string
  meaning: string
}

/** How the refusals of a route look. */
export interface RefusalStyle {
  /** None, where nothing is known of it. */
  schema: JsonSchema | undefined
  /** The fields that may hold the word for what is wrong, the one of samples first. */
  words: string[]
  isPage: boolean
  headers: RouteDescription['headers']
}

const meanings = defaultErrors((_status, _code, message) => message)

/** What a route may be refused with, by status. */
export function describeRefusals(
  refusals: Refusal[],
  { renderError, errorOf }: Pick<Dialect, 'renderError'> & { errorOf(code: ErrorCode): AuthError },
  style: RefusalStyle,
): Record<number, DescribedResponse> {
  const told = refusals.map((refusal): Told => {
    if (typeof refusal !== 'string') return { contentType: json, meaning: refusal.code, ...refusal }
    const { contentType = json, ...wire } = renderError(errorOf(refusal))
    return { code: refusal, meaning: meanings[refusal], contentType, ...wire }
  })
  const byStatus = [...Map.groupBy(told, ({ status }) => status)].sort(([one], [other]) => one - other)
  return Object.fromEntries(byStatus.map(([status, told]) => [status, describeStatus(status, told, style)]))
}

const json = 'application/json'

function describeStatus(status: number, told: Told[], style: RefusalStyle): DescribedResponse {
  const byType = Map.groupBy(told, ({ contentType }) => contentType.split(';', 1)[0] ?? json)
  return {
    description: STATUS_CODES[status] ?? 'Refused',
    headers: {
      ...requestId,
      ...style.headers,
      ...(status === 401 && { 'WWW-Authenticate': { $ref: '#/components/headers/Challenge' } }),
      ...((status === 429 || status === 503) && {
        'Retry-After': { $ref: '#/components/headers/RetryAfter' },
      }),
    },
    content: {
      ...Object.fromEntries([...byType].map(([type, told]) => [type, describeBody(told, style)])),
      ...(style.isPage && page),
    },
  }
}

function describeBody(told: Told[], { schema, words }: RefusalStyle) {
  const examples = told.map(({ code, meaning, body }) => [code, { summary: meaning, value: body }])
  return {
    ...(schema && { schema: withWords(schema, words, told) }),
    examples: Object.fromEntries(examples),
  }
}

/** The schema of these refusals alone: which words they have. */
function withWords(schema: JsonSchema, [sampled, ...others]: string[], told: Told[]): JsonSchema {
  if (sampled === undefined) return schema
  const words = new Set(told.map(({ body }) => (body as Record<string, unknown>)[sampled]))
  if (words.has(undefined)) return schema
  const inField = (field: string): JsonSchema => ({
    type: 'object',
    properties: { [field]: { enum: [...words] } },
  })
  if (others.length === 0) return { allOf: [schema, inField(sampled)] }
  const forms = [sampled, ...others].map((field) => ({ ...inField(field), required: [field] }))
  return { allOf: [schema, { anyOf: forms }] }
}
