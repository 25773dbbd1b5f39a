import { z } from 'zod'

/** A JSON Schema (draft 2020-12), as far as it is looked into here. */
export interface JsonSchema {
  type?: string | string[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
  enum?: unknown[]
  const?: unknown
  default?: unknown
  description?: string
  [keyword: string]: unknown
}

/** What goes in by a zod schema, or comes out. What no JSON Schema can say is left open. */
export function jsonSchemaOf(type: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(type, {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => dropSafeBounds(jsonSchema),
  })
  return schema as JsonSchema
}

/** Every whole number has these, and nobody needs to read them. */
function dropSafeBounds(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
}

/** What a value may be, as short as a table wants it. */
export function typeText({ type, enum: words, items, anyOf, oneOf, default: other }: JsonSchema): string {
  const parts = anyOf ?? oneOf
  const base = parts
    ? parts.map(typeText).join(' | ')
    : words
      ? words.length > 12
        ? 'string'
        : words.map((word) => JSON.stringify(word)).join(' | ')
      : items
        ? `${typeText(items)}[]`
        : [type ?? 'any'].flat().join(' | ')
  return other === undefined ? base : `${base} = ${JSON.stringify(other)}`
}
