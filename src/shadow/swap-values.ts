import type { WireFields } from '../http/wire-fields.ts'
import type { ShadowRequest } from './exchange.ts'
import type { Pairs } from './pairs.ts'
import { mapValues } from './request-values.ts'
import { isJwt } from './value-forms.ts'

export interface Swapped {
  /** As the new server is to get it. */
  request: ShadowRequest
  /** Whether it has a token or an id that is not known on the other side. */
  isUnpaired: boolean
  /** Whether such a one stands elsewhere than in a header: secrets of mails do. */
  hasUnknownSecret: boolean
}

/** The same request with the new server's tokens, ids and codes. */
export function swapValues(pairs: Pairs, request: ShadowRequest, fields: WireFields): Swapped {
  let isUnpaired = false
  let hasUnknownSecret = false
  const swapped = mapValues(request, fields, (value, fieldClass, place) => {
    if (value === '' || fieldClass === 'password' || fieldClass === 'name') return value
    if (fieldClass === 'code') return pairs.codeFor(value) ?? value
    const fresh = pairs.get(value)
    if (fresh !== undefined) return fresh
    if (fieldClass === 'token' || fieldClass === 'id' || isJwt(value)) {
      isUnpaired = true
      hasUnknownSecret ||= place !== 'header'
    }
    return value
  })
  return { request: swapped, isUnpaired, hasUnknownSecret }
}
