import { z } from 'zod'
import { asFields, type Exchange, type Fields } from './exchange.ts'

const Content = z.record(
  z.string(),
  z.object({
    schema: z.unknown().optional(),
    example: z.unknown().optional(),
    examples: z.unknown().optional(),
  }),
)

/** What is read of an operation (https://spec.openapis.org/oas/v3.1.0); all but its answers may be missing. */
const Operation = z.object({
  security: z.array(z.unknown()).optional().catch(undefined),
  parameters: z.array(z.unknown()).catch([]),
  requestBody: z.unknown().optional(),
  responses: z.record(z.string(), z.unknown()).catch({}),
})

const OpenApi = z.object({
  openapi: z.string().startsWith('3'),
  servers: z.array(z.object({ url: z.string() })).catch([]),
  security: z.array(z.unknown()).optional().catch(undefined),
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
})

const methods = ['get', 'post', 'put', 'patch', 'delete']

/**
 * What a document says as exchanges: each operation with every answer that it describes, in the document's examples or
 * in values made up after its schemas. Throws where it is no OpenAPI 3 document.
 */
export function readOpenApi(document: unknown): Exchange[] {
  const read = OpenApi.safeParse(document)
  if (!read.success) throw new Error('The file is no OpenAPI document of version 3.')
  const { paths, servers, security } = read.data
  const base = basePathOf(servers[0]?.url ?? '')
  return Object.entries(paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = Operation.safeParse(item[method]).data
      if (!operation) return []
      const hasBearer = (operation.security ?? security ?? []).some(
        (one) => Object.keys(asFields(one) ?? {}).length,
      )
      const common = Array.isArray(item.parameters) ? item.parameters : []
      const parameters = [...common, ...operation.parameters]
      const route = {
        method: method.toUpperCase(),
        path: `${base}${path}`.replaceAll(/\{(\w+)\}/g, ':$1'),
        hasBearer,
        cookies: {},
        query: queryOf(document, parameters),
      }
      return exchangesOf(document, route, operation)
    }),
  )
}

type Described = Pick<Exchange, 'method' | 'path' | 'hasBearer' | 'cookies' | 'query'>

function exchangesOf(
  document: unknown,
  route: Described,
  { requestBody, responses }: z.output<typeof Operation>,
) {
  const all = asFields(contentOf(document, requestBody).sample) ?? {}
  const least = withoutOptional(document, contentOf(document, requestBody).schema, all)
  return Object.entries(responses).flatMap(([code, response]): Exchange[] => {
    const status = Number(code.replaceAll(/x/gi, '0'))
    if (!status) return []
    const { sample: answer, contentType } = contentOf(document, response)
    const exchange = { ...route, status, contentType, answer, setCookies: [] }
    const full = { ...exchange, body: all }
    const isWhole = status >= 300 || Object.keys(least).length === Object.keys(all).length
    return isWhole ? [full] : [full, { ...exchange, body: least }]
  })
}

function basePathOf(url: string): string {
  return new URL(url.replaceAll(/[{}]/g, ''), 'http://localhost').pathname.replace(/\/$/, '')
}

function queryOf(document: unknown, parameters: unknown[]): Record<string, string> {
  const named = parameters.map((one) => resolve(document, one)).filter((one) => one.in === 'query')
  return Object.fromEntries(named.map(({ name }) => [String(name), '']))
}

function contentOf(document: unknown, part: unknown) {
  const content = Content.safeParse(resolve(document, part).content).data ?? {}
  const contentType = Object.keys(content).find((type) => /json/.test(type)) ?? Object.keys(content)[0] ?? ''
  const { schema, example, examples } = content[contentType] ?? {}
  const first = asFields(Object.values(asFields(examples) ?? {})[0])?.value
  const sample = example ?? first ?? (schema === undefined ? undefined : sampleOf(document, schema))
  return { contentType, schema, sample }
}

function withoutOptional(document: unknown, schema: unknown, all: Fields): Fields {
  const required = resolve(document, schema).required
  if (!Array.isArray(required)) return all
  return Object.fromEntries(Object.entries(all).filter(([name]) => required.includes(name)))
}

/** What a `$ref` leads to within the document; else the part itself. */
function resolve(document: unknown, part: unknown, depth = 0): Fields {
  const fields = asFields(part) ?? {}
  if (typeof fields.$ref !== 'string' || depth > 20) return fields
  const steps = fields.$ref.replace(/^#\//, '').split('/')
  const target = steps.reduce<unknown>((at, step) => asFields(at)?.[step.replaceAll('~1', '/')], document)
  return resolve(document, target, depth + 1)
}

const texts: Record<string, string> = {
  email: 'person@example.org',
  uuid: '00000000-0000-4000-8000-000000000000',
  'date-time': '2030-01-01T00:00:00.000Z',
}

/** So that no two texts are taken for the same. */
let madeUp = 0

/** A value that the schema allows; its own where it names one. */
function sampleOf(document: unknown, schema: unknown, depth = 0): unknown {
  const resolved = resolve(document, schema)
  const { example, default: usual, const: only, enum: choices, allOf, oneOf, anyOf, format } = resolved
  const type = Array.isArray(resolved.type) ? resolved.type.find((one) => one !== 'null') : resolved.type
  const named = example ?? only ?? usual ?? (Array.isArray(choices) ? choices[0] : undefined)
  if (named !== undefined) return named
  const next = (one: unknown) => (depth > 8 ? null : sampleOf(document, one, depth + 1))
  if (Array.isArray(allOf)) return Object.assign({}, ...allOf.map((one) => asFields(next(one))))
  const alternatives = oneOf ?? anyOf
  if (Array.isArray(alternatives)) return next(alternatives[0])
  if (type === 'array') return [next(resolved.items)]
  if (type === 'boolean') return true
  if (type === 'integer' || type === 'number') return 1
  if (type === 'string') return texts[String(format)] ?? `made up ${++madeUp}`
  return Object.fromEntries(
    Object.entries(asFields(resolved.properties) ?? {}).map(([name, one]) => [name, next(one)]),
  )
}
