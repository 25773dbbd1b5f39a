import type { Environment } from '../config/sources/environment.ts'
import type { Argon2 } from '../server/hasher.ts'

/** What a command reads from and writes to; a process hands on its own. */
export interface Outside {
  env: Environment
  stdin: NodeJS.ReadableStream & { isTTY?: boolean }
  stdout: Output
  stderr: Output
  /** Epoch milliseconds. */
  now(): number
  /** What other machines are asked through. */
  network: typeof fetch
  /** The library when not given. */
  argon2?: Argon2
  /** Names the files that no other process may write. */
  pid: number
  /**
   * Has SIGINT and SIGTERM stop what can be gone on with later, in place of ending the process; the second one ends it.
   * Returns what takes that back. Without it nothing stops early.
   */
  onInterrupt?(stop: () => void): () => void
  /** Ends the process at once. */
  exit(code: number): void
  /** What the process is to end with; 0 when a command sets nothing. */
  exitCode?: number
}

type Output = NodeJS.WritableStream & { isTTY?: boolean; columns?: number }
