import { z } from 'zod'
import type { PasswordPolicy } from '../../core/passwords/policy.ts'
import type { DoorDescription, RouteDescription } from './description.ts'
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts'

/** A field of a request, wherever it stands. */
export interface RequestField {
  name: string
  isRequired: boolean
  schema: JsonSchema
  /** Whether `null` says that it is not there. */
  takesNull: boolean
}

/** What fields mean, and how long new passwords are. */
export interface FieldTexts {
  texts: NonNullable<DoorDescription['fields']>
  newPassword: RouteDescription['newPassword']
  lengths: Pick<PasswordPolicy, 'minLength' | 'maxLength'>
}

/** The fields that a zod schema reads; none where there is no schema. Those that must not be sent are left out. */
export function fieldsOf(schema: unknown, known: FieldTexts): RequestField[] {
  if (!(schema instanceof z.ZodType)) return []
  const { properties = {}, required = [] } = jsonSchemaOf(schema, 'input')
  return Object.entries(properties)
    .filter(([, { not }]) => not === undefined)
    .map(([name, field]) => ({
      name,
      isRequired: required.includes(name),
      schema: describeField(name, field, known),
      takesNull: partsOf(schema)[name]?.safeParse(null).success ?? false,
    }))
}

function describeField(
  name: string,
  { default: _standsIn, ...schema }: JsonSchema,
  { texts, newPassword, lengths: { minLength, maxLength } }: FieldTexts,
): JsonSchema {
  return {
    ...schema,
    ...(/password$/i.test(name) && { format: 'password' }),
    ...(name === newPassword && { minLength, maxLength }),
    ...(texts[name] !== undefined && { description: texts[name] }),
  }
}

/** The schemas of the fields of an object, also of one that is made ready first. */
function partsOf(schema: z.core.$ZodType): Record<string, z.ZodType> {
  if (schema instanceof z.ZodPipe) return partsOf(schema.def.out)
  return schema instanceof z.ZodObject ? schema.shape : {}
}

/** A schema that takes `null`, too. */
export function orNull(schema: JsonSchema): JsonSchema {
  const { type, enum: words, const: word, description, ...rest } = schema
  if (word === undefined && (type !== undefined || words !== undefined)) {
    return {
      ...schema,
      ...(type !== undefined && { type: [type, 'null'].flat() }),
      ...(words && { enum: [...words, null] }),
    }
  }
  const value = { ...rest, ...(type !== undefined && { type }), ...(word !== undefined && { const: word }) }
  if (Object.keys(value).length === 0) return schema
  return { ...(description !== undefined && { description }), anyOf: [value, { type: 'null' }] }
}
