import type { RealmContext } from '../context.ts'

/** An address that was refused often. */
export interface RefusedAddress {
  ip: string
  /** Rows of the trail: for what limits refuse there is one for what was counted and the window. */
  refusals: number
  /** Epoch milliseconds. */
  lastAt: number
}

const hourMs = 60 * 60_000
/** Rows that are read at most; the newest are. */
const maxRows = 10_000
const maxAddresses = 20

/** The addresses that were refused most in the last hour, by the audit trail. */
export function refusedLately({ store, now }: RealmContext): Promise<RefusedAddress[]> {
  return store.audit.mostRefused({ since: now() - hourMs, maxRows, max: maxAddresses })
}
