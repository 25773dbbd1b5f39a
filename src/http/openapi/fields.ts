import { z } from 'zod'
import type { PasswordPolicy } from '../../core/passwords/policy.ts'
import type { DoorDescription, RouteDescription } from './description.ts'
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts'

/** A field of a request, wherever it stands. */
export interface RequestField {
  name: string
  isRequired: boolean
  schema: JsonSchema
  /** What says that it is not there: `null`, and in some an empty text. */
  absent: (null | '')[]
}

/** What fields mean, which must be there though no schema says so, and how long new passwords are. */
export interface FieldTexts {
  texts: NonNullable<DoorDescription['fields']>
  required: NonNullable<RouteDescription['required']>
  newPassword: RouteDescription['newPassword']
  lengths: Pick<PasswordPolicy, 'minLength' | 'maxLength'>
}

/** The fields that a zod schema reads; none where there is no schema. Those that must not be sent are left out. */
export function fieldsOf(schema: unknown, known: FieldTexts): RequestField[] {
  if (!(schema instanceof z.ZodType)) return []
  const { properties = {}, required = [] } = jsonSchemaOf(schema, 'input')
  return Object.entries(properties)
    .filter(([, { not }]) => not === undefined)
    .map(([name, field]) => {
      const isNeeded = known.required.includes(name)
      const absent = ([null, ''] as const).filter((value) => partsOf(schema)[name]?.safeParse(value).success)
      return {
        name,
        isRequired: isNeeded || required.includes(name),
        schema: { ...(isNeeded && isText(field) && { minLength: 1 }), ...describeField(name, field, known) },
        absent: isNeeded ? [] : absent,
      }
    })
}

function isText({ type, enum: words }: JsonSchema): boolean {
  return type === 'string' && words === undefined
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

/** A schema that takes these, too. */
export function orAbsent(schema: JsonSchema, absent: (null | '')[]): JsonSchema {
  const { description, ...value } = schema
  const isAnyText =
    value.type === 'string' && Object.keys(value).every((key) => /^(type|maxLength)$/.test(key))
  const others = isAnyText ? absent.filter((value) => value === null) : absent
  if (others.length === 0 || Object.keys(value).length === 0) return schema
  if (isAnyText) return { ...schema, type: ['string', 'null'] }
  return { ...(description !== undefined && { description }), anyOf: [value, { enum: others }] }
}
