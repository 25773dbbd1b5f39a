/** How the old server of a door stands, as one process has found it since its start. */
export interface UpstreamHealth {
  /** Of the door. */
  dialect: string
  /** Where the old server is. */
  origin: string
  /** About whom it is asked, in the words of the settings. */
  verify: 'off' | 'pending' | 'unknown'
  /** Epoch milliseconds: it is not asked any more from then on. */
  until?: number
  /** `closed`: it is asked; `open`: it has failed too often just now, and is left alone; `trial`: it is tried again. */
  breaker: 'closed' | 'open' | 'trial'
  running: number
  waiting: number
  /** How often it was asked, by what came of it. */
  outcomes: { outcome: string; count: number }[]
  /** When it last answered, whether the password was right or wrong; epoch milliseconds. */
  answeredAt?: number
  lastFailure?: { why: string; at: number }
}
