import type * as argon2Library from '@node-rs/argon2'
import { AuthError } from '../core/errors.ts'
import {
  type Argon2Params,
  costMsOf,
  isAffordable,
  readParameters,
  restAfter,
} from '../core/passwords/argon2.ts'
import { normalizePassword } from '../core/passwords/forms.ts'
import type { HashSecrets } from '../core/passwords/imported-hashes.ts'
import type { HashChecker } from '../hashes/check-hash.ts'
import { type ForeignHash, UnusableHash } from '../hashes/foreign-hash.ts'
import { readHash } from '../hashes/read-hash.ts'
import { ThreadEnded } from '../lib/thread.ts'

type Argon2 = Pick<typeof argon2Library, 'verify'>

/** A stored hash that passwords can be checked against. */
export interface ReadableHash {
  /** `own`, or which kind of another system's, without what it costs. */
  kind: string
  /** Whether a check takes much more work than one of our own hashes. */
  isDear: boolean
  matches(password: string, secretOf: HashSecrets['secretOf']): Promise<boolean>
  /** What is left to hash so that a check takes as long as one of today's. */
  rest?: Argon2Params
}

/** Reads stored hashes; `undefined` for what cannot be used. */
export function hashReader(parts: {
  argon2: Argon2
  checker: HashChecker
  parameters: Argon2Params
}): (stored: string) => ReadableHash | undefined {
  return (stored) => (isOwnForm(stored) ? readOwn(stored, parts) : readForeign(stored, parts))
}

/** How many times the work of one of our own hashes is much more. */
const dearFactor = 2

function isDear(costMs: number, parameters: Argon2Params): boolean {
  return costMs > dearFactor * costMsOf(parameters)
}

function isOwnForm(stored: string): boolean {
  return /^\$argon2id\$v=19\$/.test(stored) && isAffordable(stored)
}

function readOwn(
  stored: string,
  { argon2, parameters }: { argon2: Argon2; parameters: Argon2Params },
): ReadableHash {
  const rest = restAfter(stored, parameters)
  return {
    kind: 'own',
    isDear: isDear(costMsOf(readParameters(stored)), parameters),
    matches: async (password) => {
      // One that was brought along may have been made of the password as it was typed.
      for (const form of new Set([normalizePassword(password), password]))
        if (await argon2.verify(stored, form)) return true
      return false
    },
    ...(rest && { rest }),
  }
}

/** What takes the part of a secret that is missing, so that its hashes take the time that they would. */
const noSecret = Buffer.alloc(32)

function readForeign(
  stored: string,
  { checker, parameters }: { checker: HashChecker; parameters: Argon2Params },
): ReadableHash | undefined {
  const foreign = tryToRead(stored)
  if (!foreign) return undefined
  const { label, secretId, costMs } = foreign
  return {
    kind: label.split(' ', 1)[0] ?? label,
    isDear: isDear(costMs, parameters),
    matches: async (password, secretOf) => {
      const secret = secretId === undefined ? undefined : await secretOf(secretId)
      const isMissing = secretId !== undefined && secret === undefined
      const isRight = await check(checker, stored, password, isMissing ? noSecret : secret)
      return isRight && !isMissing
    },
  }
}

async function check(checker: HashChecker, ...question: Parameters<HashChecker['check']>): Promise<boolean> {
  try {
    return await checker.check(...question)
  } catch (error) {
    throw error instanceof ThreadEnded ? new AuthError('unavailable') : error
  }
}

function tryToRead(stored: string): ForeignHash | undefined {
  try {
    return readHash(stored)
  } catch (error) {
    if (error instanceof UnusableHash) return undefined
    throw error
  }
}
