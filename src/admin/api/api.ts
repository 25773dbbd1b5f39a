import type { FastifyRequest, HTTPMethods } from 'fastify'
import { OperatorError } from '../../core/operators/operator-error.ts'
import type { Pages } from '../../http/dialect.ts'
import { isBelow, pathOf } from '../../http/route-owner.ts'
import type { App } from '../../http/types.ts'
import { refuseElsewhere } from '../console/session.ts'
import { deskFor } from '../desk.ts'
import type { Means } from '../means.ts'
import { operations } from '../operations/all.ts'
import { perform } from '../operations/operation.ts'
import { readInput } from './input.ts'
import { doOnce } from './once.ts'
import { describeApi } from './openapi.ts'
import { ApiError } from './problem.ts'
import { forPrograms } from './program.ts'
import { apiPath, type Shape, shapeOf } from './shape.ts'

interface ApiParts extends Pages {
  means: Means
  /** Whether whoever sends a request may reach it at all. */
  isAllowed(request: FastifyRequest): boolean
}

/** Whether a request is for the API, whatever becomes of it. */
export function isForApi({ url }: FastifyRequest): boolean {
  return isBelow(pathOf(url), apiPath)
}

/** Serves every operation to programs that show a token. */
export async function adminApi(app: App, { means, isAllowed, sendFailure }: ApiParts): Promise<void> {
  await app.register(async (scope: App) => {
    scope.setErrorHandler(sendFailure)
    refuseElsewhere(isAllowed, scope)
    forPrograms(scope, means.operators)
    const shapes = operations.map(shapeOf)
    for (const shape of shapes) operationRoute(scope, means, shape)
    const document = describeApi(shapes, means.url)
    scope.get(`${apiPath}/openapi.json`, () => document)
    refuseOtherMethods(scope, [...shapes.map(routeOf), { method: 'GET', path: `${apiPath}/openapi.json` }])
  })
}

function operationRoute(scope: App, means: Means, shape: Shape): void {
  const { operation, path } = shape
  scope.route({
    method: operation.method,
    url: path,
    handler: async (request, reply) => {
      const { asker, ctx } = request.program
      const { realm } = operation.at === 'realm' ? (request.params as { realm: string }) : {}
      // Before it is said whether there is such a realm.
      if (!asker.may(operation.capability, realm)) throw new OperatorError('not_allowed')
      const desk = deskFor(means, asker, ctx.origin, realm)
      const input = readInput(shape, request)
      // What is not declared does not leave.
      const work = async () => operation.output.parse(await perform(operation, desk, input))
      if (operation.method !== 'POST') return work()
      const { answer, isRepeated } = await doOnce(request, { name: operation.name, realm, input }, work)
      if (isRepeated) reply.header('idempotency-replayed', 'true')
      return answer
    },
  })
}

function routeOf({ path, operation }: Shape): { method: string; path: string } {
  return { method: operation.method, path }
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] satisfies HTTPMethods[]

/** Says of a path that there is, asked with another method, which ones it has (RFC 9110 §15.5.6). */
function refuseOtherMethods(scope: App, routes: { method: string; path: string }[]): void {
  for (const served of Map.groupBy(routes, ({ path }) => path.replaceAll(/:\w+/g, ':')).values()) {
    const path = served[0]?.path ?? ''
    const has = served.map(({ method }) => method)
    const allow = [...new Set(has.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))].join(
      ', ',
    )
    scope.route({
      method: methods.filter((method) => !has.includes(method)),
      url: path,
      handler: () => {
        throw new ApiError('method_not_allowed', { allow })
      },
    })
  }
}
