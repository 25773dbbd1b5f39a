import type { AuditEvent } from './audit/audit-event.ts'

/**
 * How a refresh ended. `prolonged`: the token is one that never changes. `repeated`: a replaced one that the door
 * excuses. `reused`: one that it does not, so a theft. `invalid`: it proves nothing. `ended`: there is no such live
 * session or generation.
 */
export type RefreshOutcome = 'rotated' | 'prolonged' | 'repeated' | 'reused' | 'invalid' | 'ended'

/** What the core tells whoever counts what happens; names nobody. */
type CoreEvent = { realm: string; dialect?: string } & (
  | { what: 'event'; event: AuditEvent; outcome: 'success' | 'refused'; detail?: string }
  | { what: 'refresh'; outcome: RefreshOutcome }
)

/** Receives what happens, as it happens. It is quick and never throws. */
export type Observe = (event: CoreEvent) => void
