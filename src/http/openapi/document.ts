/** A document of OpenAPI, as far as it is looked into here. */
export interface OpenapiDocument {
  info: { title: string; version: string; description: string }
  paths: Record<string, Record<string, DescribedOperation>>
  [part: string]: unknown
}

export interface DescribedOperation {
  operationId: string
  summary?: string
  description?: string
  parameters?: object[]
  requestBody?: object
  responses: Record<string, object>
}
