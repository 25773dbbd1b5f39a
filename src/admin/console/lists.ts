import type { FastifyRequest } from 'fastify'
import { fillIn } from '../../lib/fill-in.ts'
import { realmPath } from './menu.ts'
import { textsFor } from './texts.ts'

/** Where the pages of the realm in a request's path are. */
export function realmBase({ params }: FastifyRequest): string {
  return realmPath((params as { realm: string }).realm)
}

/** What a request asks a list for: its fields by their names, empty ones left out. */
export function filtersOf<Name extends string>(
  { query }: FastifyRequest,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const given = query as Record<string, unknown>
  const pairs = names.map((name) => [name, given[name]] as const)
  return Object.fromEntries(
    pairs.filter(([, value]) => typeof value === 'string' && value.trim() !== ''),
  ) as Partial<Record<Name, string>>
}

/** A path with a query of these values. */
export function pathWith(path: string, query: Record<string, string | undefined>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as [string, string]],
  )
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs)}`
}

/** The links to the pages before and behind one, as the part `_pager` shows them. */
export function pagerFor(
  request: FastifyRequest,
  filters: Record<string, string | undefined>,
  { next, previous = null }: { next: string | null; previous?: string | null },
): { newer: string | undefined; older: string | undefined } {
  const [path = ''] = request.url.split('?', 1)
  return {
    newer: previous === null ? undefined : pathWith(path, { ...filters, before: previous }),
    older: next === null ? undefined : pathWith(path, { ...filters, after: next }),
  }
}

/** What is said aloud of a list that has changed: how many rows there are. */
export function shownText(request: FastifyRequest, count: number): string {
  return fillIn(textsFor(request).rowsShown, { count })
}
