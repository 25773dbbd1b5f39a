/** What argon2id is to cost for each password, on one lane. */
export interface HashingCost {
  /** In MiB. */
  memory: number
  /** How often it goes over all of that memory. */
  passes: number
}

/** The default cost. */
export const defaultHashing: HashingCost = { memory: 19, passes: 2 }

/** The maximum cost of a hash. */
export const maxHashing: HashingCost = { memory: 256, passes: 16 }

/** The minimum memory, in MiB, with one pass, two, three … (OWASP Password Storage Cheat Sheet). */
export const minMemory = [46, 19, 12, 9, 7] as const

/** The minimum memory with so many passes, in MiB. */
export function minMemoryFor(passes: number): number {
  return minMemory[passes - 1] ?? minMemory[4]
}

/** How much work a hash is, in MiB that are gone over: the time that it takes grows with this. */
export function workOf({ memory, passes }: HashingCost): number {
  return memory * passes
}

/** Passwords that may wait for a free core, for each core: about two seconds' worth, whatever one costs. */
export function waitingFor(cost: HashingCost): number {
  const share = workOf(defaultHashing) / workOf(cost)
  return Math.max(1, Math.floor(64 * Math.min(1, share)))
}
