import pkg from '../../../package.json' with { type: 'json' }
import type { JsonSchema } from '../../http/openapi/json-schema.ts'
import { textFile } from '../operations/text-file.ts'
import { type ProblemCode, problems } from './problem.ts'
import { apiPath, type Field, type Shape } from './shape.ts'

/** Describes every operation as programs ask for it, at the address where operators reach this server (OpenAPI 3.1). */
export function describeApi(shapes: Shape[], url: string) {
  const paths: Record<string, Record<string, object>> = {}
  for (const shape of shapes) {
    const path = shape.path.slice(apiPath.length).replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [shape.operation.method.toLowerCase()]: describeOperation(shape) }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Manydoors admin API',
      version: pkg.version,
      description:
        'What operators can see and do, for programs. Times are ISO 8601 in UTC. Unknown fields are refused. Lists answer ' +
        '`items` and `next`, which is the `after` of the page that follows.',
      license: { name: pkg.license, identifier: pkg.license },
    },
    servers: [{ url: `${url}${apiPath}` }],
    security: [{ token: [] }],
    tags: [...new Set(shapes.map(({ operation }) => subjectOf(operation.name)))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'mda_…',
          description:
            'A token that an owner has made. It does what its scopes name one by one, in its realms.',
        },
      },
      schemas: { Problem: problemSchema },
      responses: Object.fromEntries(
        Object.entries(refusals).map(([status, refusal]) => [nameOf(status), describeRefusal(refusal, url)]),
      ),
    },
  }
}

/** What an operation is about: the first word of its name. */
export function subjectOf(name: string): string {
  return name.split('.', 1)[0] ?? name
}

function describeOperation({ operation, inPath, inQuery, inBody, output }: Shape) {
  const { name, summary, capability, isDangerous, method } = operation
  const parameters = [
    ...inPath.map((field) => describeParameter(field, 'path')),
    ...inQuery.map((field) => describeParameter(field, 'query')),
    ...(method === 'POST' && operation.output !== textFile ? [idempotencyKey] : []),
  ]
  return {
    operationId: name,
    summary,
    ...(isDangerous && {
      description: 'It cannot simply be taken back: say why in `reason`, which the audit trail keeps.',
    }),
    tags: [subjectOf(name)],
    security: [{ token: [capability] }],
    ...(parameters.length > 0 && { parameters }),
    ...(inBody.length > 0 && {
      requestBody: {
        required: inBody.some(({ isRequired }) => isRequired),
        content: { 'application/json': { schema: objectOf(inBody) } },
      },
    }),
    responses: {
      200:
        operation.output === textFile
          ? { description: 'A file', content: { '*/*': {} } }
          : { description: 'It is done', content: { 'application/json': { schema: output } } },
      ...Object.fromEntries(
        Object.keys(refusals).map((status) => [status, { $ref: `#/components/responses/${nameOf(status)}` }]),
      ),
    },
  }
}

function describeParameter({ name, schema, isRequired }: Field, place: 'path' | 'query') {
  const { description, ...rest } = schema
  return {
    name,
    in: place,
    required: isRequired,
    ...(description !== undefined && { description }),
    schema: rest,
  }
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Has the request done once for this key, for 24 hours: sent again, it gets the first answer again.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
}

function objectOf(fields: Field[]): JsonSchema {
  const required = fields.filter(({ isRequired }) => isRequired).map(({ name }) => name)
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(({ name, schema }) => [name, schema])),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  }
}

const problemSchema = {
  type: 'object',
  description: 'RFC 9457. What is not named here may come with a later release.',
  properties: {
    type: { type: 'string', format: 'uri' },
    code: { type: 'string', description: 'What is wrong, in a word that stays', examples: ['not_allowed'] },
    status: { type: 'integer' },
    title: { type: 'string', description: 'What the code means' },
    detail: { type: 'string', description: 'What is wrong in this case' },
    issues: {
      type: 'array',
      description: 'The fields that are wrong',
      items: {
        type: 'object',
        properties: { field: { type: 'string' }, message: { type: 'string' } },
        required: ['field', 'message'],
      },
    },
    requestId: { type: 'string', description: 'Names the request in the log of the server' },
  },
  required: ['type', 'code', 'status', 'title', 'requestId'],
}

interface Refusal {
  description: string
  /** The codes that are told with it, the first of which is the example. */
  codes: ProblemCode[]
  issues?: { field: string; message: string }[]
  headers?: Record<string, object>
}

const retryAfter = {
  'Retry-After': { description: 'Seconds after which it may be tried again', schema: { type: 'integer' } },
}

/** What any operation may be refused with, by status. */
const refusals: Record<string, Refusal> = {
  400: { description: 'The request cannot be read', codes: ['bad_request', 'idempotency_key_invalid'] },
  401: {
    description: 'There is no good token',
    codes: ['token_invalid', 'token_missing'],
    headers: { 'WWW-Authenticate': { description: 'RFC 6750', schema: { type: 'string' } } },
  },
  403: { description: 'The token may not do this', codes: ['not_allowed'] },
  404: { description: 'There is no such thing, or no such realm', codes: ['not_found', 'route_not_found'] },
  409: {
    description: 'It cannot be done as things are',
    codes: ['conflict', 'refused', 'request_in_flight'],
  },
  415: { description: 'The body is not JSON', codes: ['unsupported_media_type'] },
  422: {
    description: 'Fields are missing, wrong or unknown',
    codes: ['validation_failed', 'idempotency_key_reused'],
    issues: [{ field: 'reason', message: 'It must be 1 to 200 characters on one line.' }],
  },
  429: { description: 'Too many requests from this address', codes: ['rate_limited'], headers: retryAfter },
  500: { description: 'It is our fault; the log of the server says more', codes: ['internal'] },
  503: { description: 'Not now', codes: ['unavailable', 'overloaded'], headers: retryAfter },
}

function nameOf(status: string): string {
  return `Refused${status}`
}

function describeRefusal({ description, codes, issues, headers }: Refusal, url: string) {
  const examples = codes.map((code) => {
    const [status, title] = problems[code]
    const value = {
      type: `${url}/admin/api#${code}`,
      code,
      status,
      title,
      ...(issues && code === codes[0] && { issues }),
      requestId: 'req-1',
    }
    return [code, { value }]
  })
  return {
    description,
    ...(headers && { headers }),
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(examples),
      },
    },
  }
}
