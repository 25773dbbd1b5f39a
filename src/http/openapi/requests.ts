import type { ServedRoute } from '../served-routes.ts'
import type { RouteDescription } from './description.ts'
import type { DescribedOperation } from './document.ts'
import { type FieldTexts, fieldsOf, orNull, type RequestField } from './fields.ts'
import type { JsonSchema } from './json-schema.ts'

/** Of a part of a path: what is longer leads nowhere (`maxParamLength` of the app). */
const maxParameterLength = 512

/** The parameters and the body of a route, as OpenAPI has them. */
export function describeRequest(
  { path, schema: { params, querystring, body } }: ServedRoute,
  { example = {} }: Pick<RouteDescription, 'example'>,
  known: FieldTexts,
): Required<Pick<DescribedOperation, 'parameters'>> & Pick<DescribedOperation, 'requestBody'> {
  const inPath = fieldsOf(params, known)
  const parameters = [
    ...[...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
      ...parameter('path', inPath.find((field) => field.name === name) ?? unread(name, known), example),
    })),
    ...fieldsOf(querystring, known).map((field) => parameter('query', field, example)),
  ]
  const fields = fieldsOf(body, known)
  return { parameters, ...(fields.length > 0 && { requestBody: describeBody(fields, example) }) }
}

function unread(name: string, { texts }: FieldTexts): RequestField {
  const description = texts[name]
  const schema: JsonSchema = { type: 'string', ...(description !== undefined && { description }) }
  return { name, isRequired: true, schema, takesNull: false }
}

function parameter(
  place: 'path' | 'query',
  { name, isRequired, schema: { description, ...schema } }: RequestField,
  example: Record<string, unknown>,
) {
  return {
    name,
    in: place,
    required: place === 'path' || isRequired,
    ...(description !== undefined && { description }),
    schema: place === 'path' ? { minLength: 1, maxLength: maxParameterLength, ...schema } : schema,
    ...(name in example && { example: example[name] }),
  }
}

/** JSON, or the same fields in a form, which has no `null`. */
function describeBody(fields: RequestField[], example: Record<string, unknown>) {
  const sent = fields.filter(({ name }) => name in example).map(({ name }) => [name, example[name]])
  const shown = sent.length > 0 && { example: Object.fromEntries(sent) }
  const asJson = fields.map((field) => ({
    ...field,
    schema: field.takesNull ? orNull(field.schema) : field.schema,
  }))
  return {
    required: fields.some(({ isRequired }) => isRequired),
    content: {
      'application/json': { schema: objectOf(asJson), ...shown },
      'application/x-www-form-urlencoded': { schema: objectOf(fields), ...shown },
    },
  }
}

/** Fields that are not among these are passed over. */
function objectOf(fields: RequestField[]): JsonSchema {
  const required = fields.filter(({ isRequired }) => isRequired).map(({ name }) => name)
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(({ name, schema }) => [name, schema])),
    ...(required.length > 0 && { required }),
  }
}
