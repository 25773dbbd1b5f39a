import { setTimeout as pause } from 'node:timers/promises'
import type { Environment } from '../../config/sources/environment.ts'
import { reasonOf } from '../../lib/reason.ts'
import type { Argon2 } from '../hasher.ts'

/** What checks ask besides what they look at. */
export interface Surroundings {
  env: Environment
  /** Epoch milliseconds. */
  now(): number
  /** What other machines are asked through. */
  network: typeof fetch
  /** The library when not given. */
  argon2?: Argon2 | undefined
}

export interface Finding {
  state: 'ok' | 'warning' | 'problem'
  says: string
  /** What to do about it. */
  advice?: string
}

export interface Check {
  name: string
  /** What to do about what it throws. */
  advise?: (error: unknown) => string
  /** `undefined` when there is nothing to look at. What it throws is a problem. */
  run(): Promise<Finding | undefined>
}

export type NamedFinding = Finding & { check: string }

export function ok(says: string): Finding {
  return { state: 'ok', says }
}

export function warning(says: string, advice: string): Finding {
  return { state: 'warning', says, advice }
}

export function problem(says: string, advice: string): Finding {
  return { state: 'problem', says, advice }
}

/** Runs a check. Never throws: what a check throws, and that it does not end in time, are findings. */
export async function runCheck(
  { name, run, advise = () => 'see that this can be reached and read from here' }: Check,
  timeoutMs: number,
): Promise<NamedFinding | undefined> {
  const late = problem(`no answer within ${timeoutMs / 1000} seconds`, 'see whether it hangs')
  const answered = new AbortController()
  const finding = await Promise.race([
    run().catch((error) => problem(reasonOf(error), advise(error))),
    pause(timeoutMs, late, { signal: answered.signal }).catch(() => undefined),
  ])
  answered.abort()
  return finding && { check: name, ...finding }
}
