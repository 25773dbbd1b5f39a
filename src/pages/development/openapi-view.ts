import type {
  DescribedOperation,
  DescribedParameter,
  DescribedResponse,
  OpenapiDocument,
  Reference,
} from '../../http/openapi/document.ts'
import { type JsonSchema, typeText } from '../../http/openapi/json-schema.ts'

/** A document of a door as its page shows it. */
export function presentDocument(document: OpenapiDocument) {
  const operations = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) =>
      presentOperation(document, { method: method.toUpperCase(), path, operation }),
    ),
  )
  const everywhere = sharedBy(operations.map(({ refusals }) => refusals))
  const isEverywhere = new Set(everywhere.map(nameOf))
  return {
    title: document.info.title,
    description: spansOf(document.info.description),
    ways: Object.entries(document.components.securitySchemes ?? {}).map(presentWay),
    operations: operations.map(({ refusals, ...operation }) => ({
      ...operation,
      refusals: refusals.filter((refusal) => !isEverywhere.has(nameOf(refusal))),
    })),
    everywhere,
  }
}

type ShownRefusal = ReturnType<typeof presentRefusal>[number]

/** What every operation is refused with. */
function sharedBy([first = [], ...others]: ShownRefusal[][]): ShownRefusal[] {
  const named = others.map((refusals) => new Set(refusals.map(nameOf)))
  return first.filter((refusal) => named.every((names) => names.has(nameOf(refusal))))
}

function nameOf({ status, code, body }: ShownRefusal): string {
  return `${status} ${code} ${body}`
}

function presentWay([name, scheme]: [string, Record<string, string>]) {
  const place = scheme.type === 'http' ? 'Authorization: Bearer' : `${scheme.in} ${scheme.name}`
  return { name, place, description: spansOf(scheme.description ?? '') }
}

function presentOperation(
  document: OpenapiDocument,
  { method, path, operation }: { method: string; path: string; operation: DescribedOperation },
) {
  const responses = Object.entries(operation.responses).map(([status, response]) => ({
    status,
    ...resolve(document, response),
  }))
  const security = operation.security ?? document.security
  return {
    id: operation.operationId,
    method,
    path,
    summary: operation.summary ?? `${method} ${path}`,
    description: spansOf(operation.description ?? ''),
    ways: security.map((way) => Object.keys(way).join(' + ') || 'nothing').join(', or '),
    fields: [...(operation.parameters ?? []).map(presentParameter), ...bodyFieldsOf(operation)],
    answers: responses.filter(({ status }) => !(Number(status) >= 400)).map(presentAnswer),
    refusals: responses.filter(({ status }) => Number(status) >= 400).flatMap(presentRefusal),
  }
}

function resolve(
  { components }: OpenapiDocument,
  response: DescribedResponse | Reference,
): DescribedResponse {
  if (!('$ref' in response)) return response
  const shared = components.responses[response.$ref.replace(/^.*\//, '')]
  if (!shared) throw new Error(`${response.$ref} leads nowhere`)
  return shared
}

function presentParameter({ name, in: place, required, description, schema }: DescribedParameter) {
  return fieldOf(name, place, {
    isRequired: required,
    schema: { ...schema, ...(description && { description }) },
  })
}

function bodyFieldsOf({ requestBody }: DescribedOperation) {
  const { properties = {}, required = [] } = requestBody?.content['application/json']?.schema ?? {}
  return Object.entries(properties).map(([name, schema]) =>
    fieldOf(name, 'body', { isRequired: required.includes(name), schema }),
  )
}

function fieldOf(
  name: string,
  place: string,
  { isRequired, schema }: { isRequired: boolean; schema: JsonSchema },
) {
  return {
    name,
    place,
    isRequired,
    type: [typeText(schema), lengthText(schema)].filter(Boolean).join(', '),
    description: spansOf(schema.description ?? ''),
  }
}

function lengthText({ minLength, maxLength, format }: JsonSchema): string {
  const least = Number(minLength ?? 0) > 1 ? `at least ${minLength}` : ''
  const most = maxLength === undefined ? '' : `at most ${maxLength}`
  return [format ?? '', least, most].filter(Boolean).join(', ')
}

function presentAnswer({
  status,
  description,
  headers = {},
  content = {},
}: DescribedResponse & { status: string }) {
  const [media] = Object.values(content)
  return {
    status,
    description: spansOf(description),
    headers: Object.keys(headers).filter((name) => name !== 'X-Request-Id'),
    ...(media?.schema && { type: shapeText(media.schema) }),
    ...(media && 'example' in media && { example: JSON.stringify(media.example, null, 2) }),
  }
}

/** A body as short as it can be told: its fields with what they may be. */
function shapeText(schema: JsonSchema): string {
  const { anyOf, properties, required = [], items } = schema
  if (anyOf?.some(({ properties }) => properties)) return anyOf.map(shapeText).join('\n| ')
  if (items?.properties) return `[${shapeText(items)}]`
  if (!properties) return schema.const === undefined ? typeText(schema) : JSON.stringify(schema.const)
  const fields = Object.entries(properties).map(
    ([name, field]) => `${name}${required.includes(name) ? '' : '?'}: ${shapeText(field)}`,
  )
  return `{ ${fields.join(', ')} }`
}

function presentRefusal({ status, content = {} }: DescribedResponse & { status: string }) {
  return Object.values(content).flatMap(({ examples = {} }) =>
    Object.entries(examples).map(([code, { summary, value }]) => ({
      status,
      code,
      meaning: summary,
      body: JSON.stringify(value),
    })),
  )
}

/** The parts of a text between backticks, and the others. */
function spansOf(text: string): { text: string; isCode: boolean }[] {
  return text
    .split('`')
    .map((text, index) => ({ text, isCode: index % 2 === 1 }))
    .filter(({ text }) => text !== '')
}
