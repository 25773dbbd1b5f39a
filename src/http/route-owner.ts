import type { MountedDialect } from './dialect.ts'
import type { ServedRoute } from './served-routes.ts'

/**
 * Finds the dialect that is meant by a request which no route takes: the one that has this very path, for another
 * method, or else the first whose prefix it begins with. To be asked once all routes are declared.
 */
export function findOwners(
  dialects: MountedDialect[],
  routes: () => ServedRoute[],
): (target: string) => MountedDialect | undefined {
  let byPath: Map<string, MountedDialect | undefined> | undefined
  const owners = () =>
    new Map(
      routes().map(({ path, dialect }) => [path, dialects.find(({ ctx }) => ctx.door.dialect === dialect)]),
    )
  return (target) => {
    byPath ??= owners()
    const path = pathOf(target)
    const isMeant = ({ dialect }: MountedDialect) => dialect.prefixes.some((prefix) => isBelow(path, prefix))
    return byPath.get(routedPath(target)) ?? dialects.find(isMeant)
  }
}

/** Of a target that may name the host, too (RFC 9112 §3.2.2). */
export function pathOf(target: string): string {
  // Asked of every request, and hardly any names the host.
  const path = target.startsWith('/') ? target : target.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?]*/i, '')
  const end = path.indexOf('?')
  return end < 0 ? path : path.slice(0, end)
}

/** The path that routes are looked for by: one slash at the end of a target's does not count. */
export function routedPath(target: string): string {
  const path = pathOf(target)
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

export function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`)
}
