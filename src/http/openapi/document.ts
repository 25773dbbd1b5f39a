import type { JsonSchema } from './json-schema.ts'

/** A document of OpenAPI 3.1, as far as it is looked into here. */
export interface OpenapiDocument {
  openapi: string
  info: { title: string; version: string; description: string }
  servers: { url: string }[]
  /** Of all operations that say nothing of their own. */
  security: Record<string, string[]>[]
  paths: Record<string, Record<string, DescribedOperation>>
  components: {
    schemas?: Record<string, JsonSchema>
    responses: Record<string, DescribedResponse>
    headers: Record<string, object>
    securitySchemes?: Record<string, Record<string, string>>
  }
}

export interface DescribedOperation {
  operationId: string
  summary?: string
  description?: string
  security?: Record<string, string[]>[]
  parameters?: DescribedParameter[]
  requestBody?: { required: boolean; content: Record<string, { schema: JsonSchema; example?: unknown }> }
  responses: Record<string, DescribedResponse | Reference>
}

/** To one of the responses that are shared. */
export interface Reference {
  $ref: string
}

export interface DescribedParameter {
  name: string
  in: string
  required: boolean
  description?: string
  schema: JsonSchema
  example?: unknown
}

export interface DescribedResponse {
  description: string
  headers?: Record<string, object>
  content?: Record<string, DescribedBody>
}

interface DescribedBody {
  schema?: JsonSchema
  example?: unknown
  examples?: Record<string, { summary: string; value: unknown }>
}
