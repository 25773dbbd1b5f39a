import { availableParallelism } from 'node:os'
import * as argon2Library from '@node-rs/argon2'
import { argon2Params } from '../../core/passwords/argon2.ts'
import { defaultHashing, type HashingCost, workOf } from '../../core/passwords/hashing.ts'
import type { Check, Finding, Surroundings } from './check.ts'

/** What hashing on all cores at once comes to. */
export interface HashingFigure {
  cost: HashingCost
  perSecond: number
  /** Of one password. */
  latencyMs: number
}

/** While all cores hash: nobody feels so little, and each core is left ten sign-ins a second. */
const maxLatencyMs = 100

/** Fewer passwords are too slow for anybody. */
const minPerSecond = 10

/** Weakest first: Go's x/crypto, `INTERACTIVE` of libsodium, and the second recommendation of RFC 9106. */
const wellKnown: HashingCost[] = [1, 2, 3].map((passes) => ({ memory: 64, passes }))

/** How long passwords are hashed at what is in force, and at each of the others. */
const durationsMs = { inForce: 600, other: 300 }

type Parts = Pick<Surroundings, 'now' | 'argon2'>

/** How many passwords a second this machine can hash at the cost that is in force, and what it could afford. */
export function hashingCheck(inForce: HashingCost, parts: Parts): Check {
  return {
    name: 'hashing',
    run: async () => {
      const figure = await measure(inForce, durationsMs.inForce, parts)
      return judgeHashing(figure, await measureOthers(figure, parts))
    },
  }
}

/** In English alone. */
type PlainFinding = Pick<Finding, 'state'> & { says: string; advice?: string }

function ok(says: string): PlainFinding {
  return { state: 'ok', says }
}

/** What to say of what is in force, beside others that were tried; the command line alone asks. */
export function judgeHashing(inForce: HashingFigure, others: HashingFigure[]): PlainFinding {
  const says = `${Math.round(inForce.perSecond)} passwords a second, which is how many people can sign in, ${costText(inForce)}`
  const best = strongest([inForce, ...others].filter(isQuick))
  const set = best && `hashing: { memory: ${best.cost.memory}, passes: ${best.cost.passes} }`
  if (inForce.perSecond < minPerSecond) {
    const cores = 'give the server more or faster cores'
    const advice = set ? `${cores}, or set ${set}, for ${Math.ceil(best.latencyMs)} ms` : cores
    return { state: 'warning', says, advice }
  }
  const bound = `takes no longer than ${maxLatencyMs} ms`
  if (!best) return ok(`${says}; nothing that was tried ${bound}`)
  if (best === inForce)
    return ok(others.length > 0 ? `${says}; nothing stronger that was tried ${bound}` : says)
  const rate = `${Math.round(best.perSecond)} a second`
  const found = ok(`${says}; the strongest that ${bound} is ${costText(best)}, ${rate}`)
  if (!isQuick(inForce)) return found
  return { ...found, advice: `where ${rate} are enough, set ${set}: stolen hashes are then harder to guess` }
}

/** What is stronger, as long as it is quick enough; what is weaker, where what is in force is not. */
async function measureOthers({ cost, ...figure }: HashingFigure, parts: Parts) {
  const tried: HashingFigure[] = []
  const others = isQuick(figure)
    ? wellKnown.filter((other) => workOf(other) > workOf(cost))
    : [defaultHashing, ...wellKnown].filter((other) => workOf(other) < workOf(cost))
  for (const other of others.filter(hasRoom)) {
    const next = await measure(other, durationsMs.other, parts)
    tried.push(next)
    if (!isQuick(next)) break
  }
  return tried
}

/** Hashes on every core for so long, once at least. */
async function measure(
  cost: HashingCost,
  durationMs: number,
  { now, argon2 = argon2Library }: Parts,
): Promise<HashingFigure> {
  const cores = availableParallelism()
  const begin = now()
  let hashes = 0
  const keepHashing = async () => {
    do {
      await argon2.hash('a password of usual length', argon2Params(cost))
      hashes++
    } while (now() - begin < durationMs)
  }
  await Promise.all(Array.from({ length: cores }, keepHashing))
  const tookMs = Math.max(1, now() - begin)
  return { cost, perSecond: (hashes * 1000) / tookMs, latencyMs: (tookMs * cores) / hashes }
}

/** Whether half of the memory that is free is enough for every core. */
function hasRoom({ memory }: HashingCost): boolean {
  return memory * 2 ** 20 * availableParallelism() <= process.availableMemory() / 2
}

function isQuick({ latencyMs }: Pick<HashingFigure, 'latencyMs'>): boolean {
  return latencyMs <= maxLatencyMs
}

function strongest(figures: HashingFigure[]): HashingFigure | undefined {
  return figures.toSorted((a, b) => workOf(a.cost) - workOf(b.cost)).at(-1)
}

function costText({ cost: { memory, passes }, latencyMs }: HashingFigure): string {
  return `${Math.ceil(latencyMs)} ms with ${memory} MiB and ${passes === 1 ? '1 pass' : `${passes} passes`}`
}
