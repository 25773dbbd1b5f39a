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
  { description, body, example, headers }: Answer,
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
  }
}

/** A refusal as it goes over the wire. */
interface Told extends OwnRefusal {
  contentType: string
  meaning: string
}

/** How the refusals of a route look. */
export interface RefusalStyle {
  /** None, where nothing is known of it. */
  schema: JsonSchema | undefined
  word: string | undefined
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
      ...(style.isPage && { 'text/html': { schema: { type: 'string' } } }),
    },
  }
}

function describeBody(told: Told[], { schema, word }: RefusalStyle) {
  const examples = told.map(({ code, meaning, body }) => [code, { summary: meaning, value: body }])
  return {
    ...(schema && { schema: word === undefined ? schema : withWords(schema, word, told) }),
    examples: Object.fromEntries(examples),
  }
}

/** The schema of these refusals alone: which words they have. */
function withWords(schema: JsonSchema, word: string, told: Told[]): JsonSchema {
  const words = new Set(told.map(({ body }) => (body as Record<string, unknown>)[word]))
  if (words.has(undefined)) return schema
  return { allOf: [schema, { type: 'object', properties: { [word]: { enum: [...words] } } }] }
}
