import { type HashingCost, maxHashing } from './hashing.ts'

/** The parameters of argon2, memory in KiB. */
export interface Argon2Params {
  memoryCost: number
  timeCost: number
  parallelism: number
}

/** The parameters of argon2id for that cost. */
export function argon2Params({ memory, passes }: HashingCost): Argon2Params {
  return { memoryCost: memory * 1024, timeCost: passes, parallelism: 1 }
}

/** What a stored hash may cost to check: one that was brought along could cost without end. */
const max: Argon2Params = { ...argon2Params(maxHashing), parallelism: 16 }

/** What argon2 needs to work, in KiB. */
const minMemoryCost = 8

/** What getting its memory costs a hash, in passes over it; measured. */
const beginning = 0.5

/** Whether it is a hash of argon2id that was made with these. */
export function isMadeWith({ memoryCost, timeCost, parallelism }: Argon2Params, stored: string): boolean {
  return stored.startsWith(`$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$`)
}

/** Whether it is a hash of argon2 that costs no more to check than it may. */
export function isAffordable(stored: string): boolean {
  const { memoryCost, timeCost, parallelism } = readParameters(stored)
  return memoryCost <= max.memoryCost && timeCost <= max.timeCost && parallelism <= max.parallelism
}

/**
 * The work that is left to do when a hash was checked that costs less than one that is made with these, so that both
 * take about as long: measured, they differ by a sixth at most. `undefined` when nothing is left.
 */
export function restAfter(stored: string, parameters: Argon2Params): Argon2Params | undefined {
  const left = timeOf(parameters) - timeOf(readParameters(stored))
  const memoryCost = Math.floor(left / (parameters.timeCost + beginning))
  return memoryCost >= minMemoryCost ? { ...parameters, memoryCost } : undefined
}

/** CPU time in milliseconds that a hash of these takes, about: 19 MiB twice take 12 ms. */
export function costMsOf({ memoryCost, timeCost }: Argon2Params): number {
  return (memoryCost * timeCost * 12) / (19 * 1024 * 2)
}

/** In no unit, so good for comparisons alone. */
function timeOf({ memoryCost, timeCost }: Argon2Params): number {
  return memoryCost * (timeCost + beginning)
}

/** What a stored hash was made with; no numbers (`NaN`) when it is none of argon2. */
export function readParameters(stored: string): Argon2Params {
  const [, memory, time, lanes] = /^\$argon2(?:id|i|d)\$v=\d+\$m=(\d+),t=(\d+),p=(\d+)\$/.exec(stored) ?? []
  return { memoryCost: Number(memory), timeCost: Number(time), parallelism: Number(lanes) }
}
