import type { OnDemand } from '../lib/on-demand.ts'
import type { Said } from './findings.ts'

/** How a server is, as one of its processes sees it. */
export interface HealthOfServer {
  /** What `manydoors doctor` checks, but for how fast it hashes, which would take all cores. */
  checks: OnDemand<HealthFinding[]>
  read(): Promise<HealthNow>
}

/** What one check has found. */
export interface HealthFinding {
  check: string
  state: 'ok' | 'warning' | 'problem'
  /** Text is from elsewhere, and the same in every language. */
  says: Said | string
  /** What to do about it. */
  advice?: Said | string
}

/** What can be read at once. */
export interface HealthNow {
  database: {
    engine: 'sqlite' | 'postgres'
    version: string
    /** How long an easy question takes. */
    latencyMs: number
    sizeBytes: number
  }
  jobs: {
    waiting: number
    /** Given up. */
    dead: number
    /** How long the oldest is due. */
    lagMs: number
  }
  hashing: {
    running: number
    waiting: number
    /** How long a password takes, about; `undefined` before the first one. */
    lastsMs?: number
  }
  versions: { manydoors: string; node: string }
  /** Epoch milliseconds. */
  startedAt: number
}
