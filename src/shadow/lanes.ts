import type { WireFields } from '../http/wire-fields.ts'
import { valuesGiven } from './answer-values.ts'
import { BoundedMap } from './bounded-map.ts'
import type { ShadowExchange } from './exchange.ts'
import { visitValues } from './request-values.ts'
import { claimsOf, isJwt, isOpaque } from './value-forms.ts'

/** Whose exchange it is, as far as it tells; exchanges that share a lane are copied one after the other. */
export interface Lanes {
  /** The first is the one that decides about samples; never empty. */
  of(exchange: ShadowExchange): string[]
}

/** Tokens whose lane is remembered. */
const maxTokens = 200_000

export function createLanes(fields: WireFields): Lanes {
  const laneOfToken = new BoundedMap<string, string>(maxTokens)
  let alone = 0
  return {
    of: ({ request, answer }) => {
      const lanes = new Set<string>()
      visitValues(request, fields, (value, fieldClass) => {
        if (fieldClass === 'name') lanes.add(nameLane(value))
        const lane = fieldClass === 'password' ? undefined : laneOfToken.get(value)
        if (lane !== undefined) lanes.add(lane)
        addOwner(lanes, value)
      })
      const given = valuesGiven(answer, fields)
      for (const { value, fieldClass } of given) {
        if (fieldClass === 'name') lanes.add(nameLane(value))
        addOwner(lanes, value)
      }
      if (lanes.size === 0) lanes.add(`alone:${++alone}`)
      const [first = ''] = lanes
      for (const { value, fieldClass } of given)
        if (fieldClass === 'token' || isJwt(value) || isOpaque(value)) laneOfToken.set(value, first)
      return [...lanes]
    },
  }
}

function nameLane(name: string): string {
  return `name:${name.trim().toLowerCase()}`
}

/** The account that a JWT is of, which is known before anybody has signed in under a name. */
function addOwner(lanes: Set<string>, value: string): void {
  const claims = claimsOf(value) as { sub?: unknown } | undefined
  if (typeof claims?.sub === 'string') lanes.add(`id:${claims.sub}`)
}
