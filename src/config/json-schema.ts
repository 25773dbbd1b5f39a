import { z } from 'zod'
import { FileSchema } from './schema.ts'

type JsonSchema = z.core.JSONSchema.BaseSchema

/** In the place of any value the file may name a variable. */
const variable: JsonSchema = { type: 'string', pattern: '\\$\\{' }

/** What the settings file may say, as JSON Schema (draft 2020-12), by which editors complete and check it. */
export function settingsSchema(): JsonSchema {
  const schema = z.toJSONSchema(FileSchema, {
    io: 'input',
    reused: 'ref',
    override: ({ jsonSchema }) => allowVariable(jsonSchema),
  })
  return { ...schema, patternProperties: { '^x-': {} } }
}

function allowVariable(schema: JsonSchema): void {
  const { description, ...rest } = schema
  const isBound = rest.type === 'string' && (rest.pattern ?? rest.format ?? rest.enum) !== undefined
  if (!isBound || rest.pattern === variable.pattern) return
  for (const key of Object.keys(rest)) delete schema[key]
  schema.anyOf = [rest, variable]
}
