import type { WireFields } from '../http/wire-fields.ts'
import { BoundedMap } from './bounded-map.ts'
import { cookiesIn, headersNamed, jsonIn, type ShadowAnswer, type ShadowExchange } from './exchange.ts'
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
      const given = collectStrings(answer, fields)
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

interface Given {
  value: string
  fieldClass?: WireFields['fields'][string]
}

/** What an answer gives out: more than a page of it names others than who asks. */
const maxGiven = 100

function collectStrings(answer: ShadowAnswer, { fields, addressHeaders = [] }: WireFields): Given[] {
  const given: Given[] = cookiesIn(answer).map(({ name, value }) => ({ value, fieldClass: fields[name] }))
  for (const header of ['location', ...addressHeaders]) {
    const url = URL.parse(headersNamed(answer, header)[0] ?? '', 'http://host')
    for (const [name, value] of url?.searchParams ?? []) given.push({ value, fieldClass: fields[name] })
  }
  const walk = (value: unknown, name: string | undefined): void => {
    if (given.length >= maxGiven) return
    if (typeof value === 'string' && value.length > 2)
      given.push({ value, fieldClass: name === undefined ? undefined : fields[name] })
    if (typeof value !== 'object' || value === null) return
    for (const [key, item] of Object.entries(value)) walk(item, Array.isArray(value) ? name : key)
  }
  walk(jsonIn(answer), undefined)
  return given
}
