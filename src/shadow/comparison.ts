import type { WireFields } from '../http/wire-fields.ts'
import type { Pairs } from './pairs.ts'

/** What answers are compared with. */
export interface Comparison {
  pairs: Pairs
  fields: WireFields
  /** Values of the request, which no text of a difference may hold. */
  secrets: Set<string>
  /** Hosts that count as the same in addresses. */
  hosts: { old: string; new: string }
}
