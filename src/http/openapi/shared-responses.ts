import type { DescribedResponse, OpenapiDocument } from './document.ts'

/**
 * Takes out the refusals that several routes have, and names them: `Refused404`, and `Refused404-2` for the next one of that
 * status. The routes refer to them by these names.
 */
export function shareResponses(paths: OpenapiDocument['paths']): Record<string, DescribedResponse> {
  const operations = Object.values(paths).flatMap((path) => Object.values(path))
  const refusals = operations.flatMap(({ responses }) =>
    Object.entries(responses).flatMap(([status, response]) => {
      const isOwn = Number(status) >= 400 && !('$ref' in response)
      return isOwn ? [{ status, response, responses, text: JSON.stringify(response) }] : []
    }),
  )
  const shared: Record<string, DescribedResponse> = {}
  for (const [, same] of Map.groupBy(refusals, ({ text }) => text)) {
    const [first, ...others] = same
    if (first === undefined || others.length === 0) continue
    const name = freeName(shared, `Refused${first.status}`)
    shared[name] = first.response
    for (const { status, responses } of same) responses[status] = { $ref: `#/components/responses/${name}` }
  }
  return shared
}

function freeName(taken: object, wanted: string): string {
  let name = wanted
  for (let count = 2; name in taken; count++) name = `${wanted}-${count}`
  return name
}
