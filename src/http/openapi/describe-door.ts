import type { AuthError } from '../../core/errors.ts'
import type { Dialect, WireError } from '../dialect.ts'
import type { ServedRoute } from '../served-routes.ts'
import type { DoorDescription, RouteDescription } from './description.ts'
import type { DescribedOperation, OpenapiDocument } from './document.ts'
import { routesOf } from './door-routes.ts'
import type { FieldTexts } from './fields.ts'
import { jsonSchemaOf } from './json-schema.ts'
import { describeRequest } from './requests.ts'
import { describeAnswer, describeRefusals, sharedHeaders } from './responses.ts'
import { everywhere, sampleErrors } from './sample-errors.ts'
import { shareResponses } from './shared-responses.ts'

/** A door as a realm has it. */
export interface DoorToDescribe {
  dialect: Dialect
  settings: unknown
  /** Of new passwords at this door. */
  lengths: FieldTexts['lengths']
  /** Where the realm is for its clients. */
  url: string
  /** Of the server. */
  version: string
}

/**
 * Describes every route of a door: what its schemas read, what the dialect says that it answers, and its errors in the
 * dialect's own words (OpenAPI 3.1). Of a dialect that says nothing of itself there is less to tell.
 */
export async function describeDoor(door: DoorToDescribe): Promise<OpenapiDocument> {
  const { dialect, settings, url, version } = door
  const { dialect: name } = dialect.door
  const described = await dialect.describe?.(settings)
  const paths: OpenapiDocument['paths'] = {}
  for (const route of await routesOf(dialect, settings)) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describeRoute(route, door, described) }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: described?.title ?? name,
      version,
      description: described?.description ?? `The door \`${name}\`, which says nothing of its answers.`,
    },
    servers: [{ url }],
    security: described?.security ?? [],
    components: {
      responses: shareResponses(paths),
      ...(described && { schemas: { Error: jsonSchemaOf(described.errorBody, 'output') } }),
      headers: sharedHeaders,
      ...(described?.securitySchemes && { securitySchemes: described.securitySchemes }),
    },
    paths,
  }
}

function describeRoute(
  route: ServedRoute,
  { dialect, lengths }: DoorToDescribe,
  door: DoorDescription | undefined,
): DescribedOperation {
  const described = door?.routes[`${route.method} ${route.path}`]
  const { summary, description, security, required = [], newPassword, example } = described ?? {}
  const known = { texts: door?.fields ?? {}, required, newPassword, lengths }
  const { parameters, requestBody } = describeRequest(route, { example }, known)
  const all = [...parameters, ...(door?.parameters ?? []), ...(described?.parameters ?? [])]
  return {
    operationId: idOf(route),
    ...(summary !== undefined && { summary }),
    ...(description !== undefined && { description }),
    ...(security && { security }),
    ...(all.length > 0 && { parameters: all }),
    ...(requestBody && { requestBody }),
    responses: describeResponses(route, { dialect, door, described, known }),
  }
}

function idOf({ method, path }: ServedRoute): string {
  return `${method.toLowerCase()}${path.replaceAll(/[^a-z\d]+/gi, '_')}`
}

function describeResponses(
  route: ServedRoute,
  {
    dialect,
    door,
    described,
    known,
  }: Pick<DoorToDescribe, 'dialect'> & {
    door: DoorDescription | undefined
    described: RouteDescription | undefined
    known: FieldTexts
  },
): DescribedOperation['responses'] {
  const { codes, errorOf } = sampleErrors(route, known)
  const refusals = new Set([
    ...everywhere,
    ...codes,
    ...(door?.refusals ?? []),
    ...(described?.refusals ?? []),
  ])
  const own = described?.errorBody && jsonSchemaOf(described.errorBody, 'output')
  const style = {
    schema: own ?? (door && { $ref: '#/components/schemas/Error' }),
    words: [door?.errorWord ?? []].flat(),
    isPage: described?.refusesWithPage ?? false,
    headers: { ...door?.errorHeaders, ...described?.headers },
  }
  const renderError = (error: AuthError): WireError =>
    described?.renderError?.(error) ?? dialect.renderError(error)
  const answers = Object.entries(described?.answers ?? {})
  return {
    ...Object.fromEntries(
      answers.map(([status, answer]) => [status, describeAnswer(answer, described?.headers)]),
    ),
    ...describeRefusals([...refusals], { renderError, errorOf }, style),
    ...(!described && { default: { description: 'What else the door answers' } }),
  }
}
