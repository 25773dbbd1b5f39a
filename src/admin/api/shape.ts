import { z } from 'zod'
import { type JsonSchema, jsonSchemaOf } from '../../http/openapi/json-schema.ts'
import type { Operation } from '../operations/operation.ts'

/** Where programs reach the API. */
export const apiPath = '/admin/api/v1'

export interface Field {
  name: string
  schema: JsonSchema
  isRequired: boolean
}

/** How an operation is asked for over HTTP. */
export interface Shape {
  operation: Operation
  /** With `:name` for each field in it. */
  path: string
  inPath: Field[]
  /** Of a GET or a DELETE, whose bodies have no meaning (RFC 9110 §9.3.5). */
  inQuery: Field[]
  inBody: Field[]
  output: JsonSchema
}

/** Says which of an operation's fields are where. Throws for one whose input is no object. */
export function shapeOf(operation: Operation): Shape {
  const path = `${apiPath}${operation.at === 'realm' ? '/realms/:realm' : ''}${operation.path}`
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name)
  const fields = fieldsOf(operation)
  const inPath = fields
    .filter(({ name }) => names.includes(name))
    .map((field) => ({ ...field, isRequired: true }))
  const others = fields.filter(({ name }) => !names.includes(name))
  const hasBody = operation.method !== 'GET' && operation.method !== 'DELETE'
  const realm = {
    name: 'realm',
    schema: { type: 'string', description: 'The name of a realm' },
    isRequired: true,
  }
  return {
    operation,
    path,
    inPath: operation.at === 'realm' ? [realm, ...inPath] : inPath,
    inQuery: hasBody ? [] : others,
    inBody: hasBody ? others : [],
    output: jsonSchemaOf(operation.output, 'output'),
  }
}

function fieldsOf({ name: operation, input }: Operation): Field[] {
  const schema = jsonSchemaOf(input, 'input')
  const properties = propertiesOf(schema)
  if (schema.type !== 'object' && Object.keys(properties).length === 0)
    throw new Error(`the input of ${operation} is no object`)
  return Object.entries(properties).map(([name, field]) => ({
    name,
    schema: field,
    isRequired: isRequired(input, name, schema),
  }))
}

/** A JSON Schema says so of a field that is made ready first, such as one whose empty text means that it is missing. */
function isRequired(input: z.ZodType, name: string, schema: JsonSchema): boolean {
  const shape = input instanceof z.ZodObject ? (input.shape as Record<string, z.ZodType>) : {}
  const field = shape[name]
  return field ? !field.safeParse(undefined).success : (schema.required ?? []).includes(name)
}

/** Of all forms that it may have. */
function propertiesOf({
  properties,
  anyOf = [],
  oneOf = [],
  allOf = [],
}: JsonSchema): Record<string, JsonSchema> {
  const parts = [...anyOf, ...oneOf, ...allOf].map(propertiesOf)
  return Object.assign({}, ...parts, properties)
}
