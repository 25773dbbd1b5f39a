import type { AuditEvent } from './audit/audit-event.ts'

/**
 * How a refresh ended. `prolonged`: a static token. `repeated`: a replay that the door excuses. `reused`: one that it
 * does not, so a theft. `invalid`: it proves nothing. `ended`: there is no such live session or generation.
 */
export type RefreshOutcome = 'rotated' | 'prolonged' | 'repeated' | 'reused' | 'invalid' | 'ended'

/** What the core reports to observers; names nobody. */
type CoreEvent = { realm: string; dialect?: string } & (
  | { what: 'event'; event: AuditEvent; outcome: 'success' | 'refused'; detail?: string }
  | { what: 'refresh'; outcome: RefreshOutcome }
)

/** Receives what happens, as it happens. It is quick and never throws. */
export type Observe = (event: CoreEvent) => void
