import { setTimeout as pause } from 'node:timers/promises'
import { type Said, say } from '../../admin/findings.ts'
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
  /** Text is from elsewhere, or for the command line alone. */
  says: Said | string
  /** What to do about it. */
  advice?: Said | string
}

export interface Check {
  name: string
  /** What to do about what it throws. */
  advise?: (error: unknown) => Said
  /** `undefined` when there is nothing to look at. What it throws is a problem. */
  run(): Promise<Finding | undefined>
}

export type NamedFinding = Finding & { check: string }

export function ok(says: Said): Finding {
  return { state: 'ok', says }
}

export function warning(says: Said, advice: Said): Finding {
  return { state: 'warning', says, advice }
}

export function problem(says: Said, advice: Said): Finding {
  return { state: 'problem', says, advice }
}

/** Runs a check. Never throws: what a check throws, and that it does not end in time, are findings. */
export async function runCheck(
  { name, run, advise = () => say('see that this can be reached and read from here') }: Check,
  timeoutMs: number,
): Promise<NamedFinding | undefined> {
  const late = problem(
    say('no answer within {seconds} seconds', { seconds: timeoutMs / 1000 }),
    say('see whether it hangs'),
  )
  const answered = new AbortController()
  const finding = await Promise.race([
    run().catch((error): Finding => ({ state: 'problem', says: reasonOf(error), advice: advise(error) })),
    pause(timeoutMs, late, { signal: answered.signal }).catch(() => undefined),
  ])
  answered.abort()
  return finding && { check: name, ...finding }
}
