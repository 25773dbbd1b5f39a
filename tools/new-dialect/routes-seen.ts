import { type Exchange, leavesOf } from './exchange.ts'
import type { Route } from './roles.ts'

/** The routes of a recording, in its order. Steps that are ids, names or secrets are parameters. Throws for odd paths. */
export function routesOf(exchanges: Exchange[]): Route[] {
  const names = namesSent(exchanges)
  const routes = new Map<string, Route>()
  for (const exchange of exchanges) {
    const path = patternOf(exchange.path, names)
    // It goes into source.
    if (!/^[\w~%:/@!&'()*+,;=.-]*$/.test(path))
      throw new Error('A path holds characters that no path may hold.')
    const key = `${exchange.method} ${path}`
    const route = routes.get(key) ?? { method: exchange.method, path, exchanges: [] }
    routes.set(key, route)
    route.exchanges.push(exchange)
  }
  return [...routes.values()]
}

function patternOf(path: string, names: Set<string>): string {
  const steps = path.split('/')
  const isParameter = (step: string) => isValue(step) || names.has(step.toLowerCase())
  return steps
    .map((step, index) => {
      if (!isParameter(step)) return step
      const name = /verif|confirm|activat|reset/i.test(steps[index - 1] ?? '') ? 'token' : 'id'
      return `:${steps.slice(0, index).some(isParameter) ? `${name}${index}` : name}`
    })
    .join('/')
}

/** Numbers, UUIDs, addresses and long words with digits in them; `v1` is none. */
function isValue(step: string): boolean {
  if (step.startsWith(':')) return false
  return (
    /^\d+$/.test(step) || /@|%40/.test(step) || (step.length >= 16 && /\d/.test(step)) || step.length > 40
  )
}

/** What people are called who use it: a step of a path that is such a name is no part of the API. */
function namesSent(exchanges: Exchange[]): Set<string> {
  const leaves = exchanges.flatMap(({ body, query, answer }) =>
    [body, query, answer].flatMap((part) => leavesOf(part)),
  )
  const named = leaves.filter(({ name }) => /user_?name|^name|nick|slug|token|_id$|^id$/i.test(name))
  return new Set(
    named.flatMap(({ value }) => (typeof value === 'string' && value !== '' ? [value.toLowerCase()] : [])),
  )
}
