import { BoundedMap } from './bounded-map.ts'
import type { Difference } from './difference.ts'

/** What became of an exchange that is not compared. */
export type NotCompared =
  /** A token or an id of it was never seen in two paired answers. */
  | 'unpaired'
  /** The queue was full, or its body too large. */
  | 'dropped'
  /** The new server gave no answer. */
  | 'failed'
  /** It differs, and something that came before it for the same person could not be copied. */
  | 'unsettled'

/** Exchanges that differ in the same things. */
interface DifferentExchanges {
  count: number
  /** In what the first three differed, with what each side had. */
  examples: Difference[][]
}

export type RouteTally = Record<'same' | NotCompared, number> & { different: DifferentExchanges[] }

/** What a shadow has seen: counts, and differences without anything secret. */
export interface ShadowTally {
  dialect: string
  /** ISO 8601 */
  startedAt: string
  /** By `METHOD /path`. */
  routes: Record<string, RouteTally>
}

export interface Tally {
  count(route: string, outcome: 'same' | NotCompared): void
  differ(route: string, differences: Difference[]): void
  read(): ShadowTally
}

/** What is counted apart; the rest is counted together, so that nobody fills the memory with paths. */
const maxRoutes = 500
const maxSignatures = 200
const maxExamples = 3
const others = 'other paths'

export function createTally({ dialect, startedAt }: Pick<ShadowTally, 'dialect' | 'startedAt'>): Tally {
  const routes = new Map<string, Route>()
  const routeNamed = (name: string) => {
    const key = routes.has(name) || routes.size < maxRoutes ? name : others
    const route = routes.get(key) ?? newRoute()
    routes.set(key, route)
    return route
  }
  return {
    count: (name, outcome) => void routeNamed(name)[outcome]++,
    differ: (name, differences) => addDifferent(routeNamed(name), differences),
    read: () => ({ dialect, startedAt, routes: Object.fromEntries([...routes].map(readRoute)) }),
  }
}

interface Route extends Record<'same' | NotCompared, number> {
  bySignature: Map<string, DifferentExchanges>
}

function newRoute(): Route {
  const none = { same: 0, unpaired: 0, dropped: 0, failed: 0, unsettled: 0 }
  return { ...none, bySignature: new BoundedMap(maxSignatures) }
}

function addDifferent({ bySignature }: Route, differences: Difference[]): void {
  const signature = differences.map(signatureOf).sort().join('\n')
  const known = bySignature.get(signature) ?? { count: 0, examples: [] }
  known.count++
  if (known.examples.length < maxExamples) known.examples.push(differences)
  bySignature.set(signature, known)
}

/** Two statuses are a difference of their own each. */
function signatureOf({ kind, pointer, old, new: fresh }: Difference): string {
  return kind === 'status' ? `status ${old} ${fresh}` : `${kind} ${pointer}`
}

function readRoute([name, { bySignature, ...counts }]: [string, Route]): [string, RouteTally] {
  return [name, { ...counts, different: [...bySignature.values()] }]
}
