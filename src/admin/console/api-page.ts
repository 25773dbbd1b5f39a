import { typeText } from '../../http/openapi/json-schema.ts'
import type { App } from '../../http/types.ts'
import { describeApi, subjectOf } from '../api/openapi.ts'
import { problems } from '../api/problem.ts'
import { type Field, type Shape, shapeOf } from '../api/shape.ts'
import { operations } from '../operations/all.ts'
import type { ConsoleParts } from './console-parts.ts'
import { sendConsole } from './visit.ts'

/** The API in words, for whoever writes a program, and its document for the tools of such people. */
export function apiPages(scope: App, { means, sendPage }: ConsoleParts): void {
  scope.get('/admin/api', (request, reply) => {
    const shapes = operations.map(shapeOf)
    const data = {
      url: means.url,
      subjects: [...Map.groupBy(shapes, ({ operation }) => subjectOf(operation.name))].map(
        ([name, shapes]) => ({ name, operations: shapes.map(presentShape) }),
      ),
      problems: Object.entries(problems).map(([code, [status, title]]) => ({ code, status, title })),
    }
    return sendConsole(sendPage, { request, reply }, { template: 'api', current: 'api', data })
  })
  scope.get('/admin/api/openapi.json', () => describeApi(operations.map(shapeOf), means.url))
}

function presentShape({ operation, path, inPath, inQuery, inBody }: Shape) {
  const { name, summary, capability, method, isDangerous } = operation
  const present =
    (place: string) =>
    ({ name, isRequired, schema }: Field) => ({
      name,
      place,
      isRequired,
      type: typeText(schema),
      ...textOf(schema),
    })
  return {
    name,
    summary,
    capability,
    method,
    isDangerous,
    path: path.replaceAll(/:(\w+)/g, '{$1}'),
    fields: [
      ...inPath.map(present('path')),
      ...inQuery.map(present('query')),
      ...inBody.map(present('body')),
    ],
  }
}

function textOf({ description }: Field['schema']): { description?: string } {
  return description === undefined ? {} : { description }
}
